namespace FastRmp.Images;

/// <summary>An RMPUPDATE that the processor refused.</summary>
public sealed class LoggedRmpUpdate : LogFinding
{
    internal LoggedRmpUpdate(LogPlace place, ulong pfn, int? level, int code)
        : base(place)
    {
        Pfn = pfn;
        Level = level;
        Code = code;
    }

    /// <summary>The page frame.</summary>
    public ulong Pfn { get; }

    /// <summary>Linux's level: 1 for 4 KiB, 2 for 2 MiB; null where it is not printed.</summary>
    public int? Level { get; }

    /// <summary>What the instruction returned; negative where the kernel did not come to execute it.</summary>
    public int Code { get; }

    /// <summary>Whether the kernel says that it tries again.</summary>
    public bool IsRetried { get; internal set; }

    /// <summary>The code's name; null if the number has none.</summary>
    public string? Name => ReturnCodes.RmpUpdate(Code);

    /// <inheritdoc/>
    public override bool IsRmpEvent => true;
}
