namespace FastRmp.Images;

/// <summary>A page fault that a kernel reports: what an oops says of it, put together from its lines.</summary>
public sealed class LoggedPageFault : LogFinding
{
    private const ulong Present = 1UL << 0;
    private const ulong Reserved = 1UL << 3;
    private const ulong Key = 1UL << 5;
    private const ulong RmpBit = 1UL << 31;
    private const ulong AccessMask = (1UL << 1) | (1UL << 2) | (1UL << 4); // W/R, U/S, I/D

    internal LoggedPageFault(LogPlace place)
        : base(place)
    {
    }

    /// <summary>The linear address; null if the line with it is not there.</summary>
    public ulong? Address { get; internal set; }

    /// <summary>The error code; null if no line has it. Where the number is damaged or missing, the words that the kernel prints for its
    /// bits and the <c>Oops:</c> line, which repeats its low half, give it if they suffice.</summary>
    public ulong? ErrorCode => Sound
        ?? (Oops is { } low ? low | (Told & RmpBit) : Reason != PageFaultReason.None ? Told | Access : Printed);

    /// <summary>Whether the code is the one of the <c>Oops:</c> line, which has its low 16 bits only.</summary>
    public bool IsCodeCut => Sound is null && Oops is not null && Reason == PageFaultReason.None;

    /// <summary>Whether the code is put together from other lines and words, because its own number is damaged or missing.</summary>
    public bool IsCodeRestored => Sound is null && ErrorCode is not null && Reason != PageFaultReason.None;

    /// <summary>The error code, field by field; zero if no line has it, but for the bits that the kernel's words name.</summary>
    public PageFaultErrorCode Code => new(ErrorCode ?? Told);

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
    public ulong? Frame => KnownFrame ?? Walk?.Frame(Address);

    /// <inheritdoc/>
    public override bool IsRmpEvent => Code.Rmp;

    /// <summary>The page frame, where the line says it itself.</summary>
    internal ulong? KnownFrame { get; init; }

    /// <summary>The mapping's size, where the line says it itself.</summary>
    internal PageSize? KnownSize { get; init; }

    /// <summary>The mapping's size; null if nothing says it.</summary>
    internal PageSize? MappingSize => KnownSize ?? Walk?.LeafLevel?.LeafSize();

    /// <summary>The instruction pointer, where the line has it.</summary>
    internal ulong? Instruction { get; init; }

    /// <summary>How often it happened, where one line says it of several.</summary>
    internal long Times { get; init; } = 1;

    /// <summary>The number of the code's own line, right or damaged.</summary>
    internal ulong? Printed { get; set; }

    /// <summary>The number of the <c>Oops:</c> line.</summary>
    internal ulong? Oops { get; set; }

    /// <summary>The bits of "supervisor write access"; null without that line.</summary>
    internal ulong? Access { get; set; }

    /// <summary>The words behind the code.</summary>
    internal PageFaultReason Reason { get; set; }

    /// <summary>Whether the code's own line was there, readable or not.</summary>
    internal bool HasCodeLine { get; set; }

    /// <summary>What the kernel found wrong with a fetch; null if it said nothing.</summary>
    internal string? FetchRemark { get; set; }

    /// <summary>Whether it is known what kind of access it was.</summary>
    internal bool IsAccessKnown => ErrorCode is not null || Access is not null;

    /// <summary>The printed code, if the words around it do not contradict it.</summary>
    internal ulong? Sound => Printed is { } code && (Access is null || (code & AccessMask) == Access) && Agrees(code) ? code : null;

    /// <summary>The bits that the words behind the code name.</summary>
    private ulong Told => Reason switch
    {
        PageFaultReason.Reserved => Present | Reserved,
        PageFaultReason.ProtectionKeys => Present | Key,
        PageFaultReason.Rmp => Present | RmpBit,
        PageFaultReason.Permissions => Present,
        _ => 0,
    };

    private bool Agrees(ulong code) => Reason switch
    {
        PageFaultReason.None => true,
        PageFaultReason.NotPresent => (code & Present) == 0,
        _ => (code & Told) == Told && (code & First & ~Told) == 0,
    };

    /// <summary>The bits that would have been named first.</summary>
    private ulong First => Reason switch
    {
        PageFaultReason.Reserved => 0,
        PageFaultReason.ProtectionKeys => Reserved,
        PageFaultReason.Rmp => Reserved | Key,
        _ => Reserved | Key | RmpBit,
    };
}
