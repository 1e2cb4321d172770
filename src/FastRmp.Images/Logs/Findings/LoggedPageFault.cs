namespace FastRmp.Images;

/// <summary>A page fault that a kernel reports: what an oops says of it, put together from its lines.</summary>
public sealed class LoggedPageFault : LogFinding
{
    internal LoggedPageFault(LogPlace place)
        : base(place)
    {
    }

    /// <summary>The linear address; null if the line with it is not there.</summary>
    public ulong? Address { get; internal set; }

    /// <summary>The error code; null if no line has it.</summary>
    public ulong? ErrorCode { get; internal set; }

    /// <summary>Whether the code is the one of the <c>Oops:</c> line, which has its low 16 bits only.</summary>
    public bool IsCodeCut { get; internal set; }

    /// <summary>The error code, field by field; zero if no line has it.</summary>
    public PageFaultErrorCode Code => new(ErrorCode ?? 0);

    /// <summary>The vector, where a register dump has it.</summary>
    public int? Vector { get; internal set; }

    /// <summary>The paging entries; null if the line with them is not there.</summary>
    public LoggedWalk? Walk { get; internal set; }

    /// <summary>The function at the instruction pointer; null if the line is not there or names none.</summary>
    public string? Symbol { get; internal set; }

    /// <summary>The module of that function; null for the kernel itself.</summary>
    public string? Module { get; internal set; }

    /// <summary>The kernel's release, as the oops has it.</summary>
    public string? Kernel { get; internal set; }

    /// <summary>The task, as the oops has it.</summary>
    public string? Task { get; internal set; }

    /// <summary>The page frame that the address leads to; null if the entries do not say.</summary>
    public ulong? Frame => Walk?.Frame(Address);

    /// <inheritdoc/>
    public override bool IsRmpEvent => Code.Rmp;
}
