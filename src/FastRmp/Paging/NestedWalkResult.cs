using System.Globalization;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>The outcome of a guest's walk through nested tables.</summary>
public readonly record struct NestedWalkResult
{
    private const int StatusShift = 56;
    private const ulong PrivateBit = 1UL << 48;
    private const ulong AlignedBit = 1UL << 49;
    private const ulong CodeMask = PrivateBit - 1;

    private readonly WalkResult _guest; // its address is guest physical
    private readonly WalkResult _nested;
    private readonly ulong _outcome; // status [63:56], EXITINFO2 of a table aligned [49], private [48], code [47:0]

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal NestedWalkResult(
        NestedWalkStatus status, in WalkResult guest, in WalkResult nested, ulong code, bool isPrivate = false,
        bool alignsTableFaults = false)
    {
        _guest = guest;
        _nested = nested;
        _outcome = ((ulong)status << StatusShift) | code | (isPrivate ? PrivateBit : 0) | (alignsTableFaults ? AlignedBit : 0);
    }

    /// <summary>How the guest's own walk ended, in the words of <see cref="WalkResult"/>; its address is guest physical.</summary>
    internal WalkResult Guest => _guest;

    /// <summary>How the last nested walk ended, in the words of <see cref="WalkResult"/>.</summary>
    internal WalkResult Nested => _nested;

    /// <summary>How the walk ended.</summary>
    public NestedWalkStatus Status => (NestedWalkStatus)(byte)(_outcome >> StatusShift);

    /// <summary>Whether the access may happen.</summary>
    public bool IsMapped => Status == NestedWalkStatus.Mapped;

    /// <summary>The guest physical address of the byte, without the C-bit, if the guest's tables led to a page; else that of the guest's
    /// entry where the walk ended.</summary>
    public GuestPhysicalAddress Gpa => GuestPhysicalAddress.CreateUnchecked(_guest.Address.Value);

    /// <summary>The system physical address of what <see cref="Gpa"/> names, if the nested tables led to it. Else, of the nested entry
    /// where the walk ended; of the page if only a right was missing; 0 if the guest physical address is beyond the nested
    /// tables.</summary>
    public PhysicalAddress Address => _nested.Address;

    /// <summary>The #PF error code of <see cref="NestedWalkStatus.GuestPageFault"/>, 0x404 of <see cref="NestedWalkStatus.NotValidated"/>,
    /// else 0.</summary>
    public uint ErrorCode => IsNestedFault ? 0 : (uint)(_outcome & CodeMask);

    /// <summary>EXITINFO1 of <see cref="NestedWalkStatus.NestedPageFault"/> and <see cref="NestedWalkStatus.RmpViolation"/>, else
    /// zero.</summary>
    public NestedPageFaultCode ExitInfo1 => new(IsNestedFault ? _outcome & CodeMask : 0);

    /// <summary>EXITINFO2 of the same: the guest physical address that failed, for a table access that of the guest's entry, or of its page
    /// if <see cref="ModelChoices.TableFaultsArePageAligned"/>; else zero.</summary>
    public GuestPhysicalAddress ExitInfo2 =>
        !IsNestedFault ? default : IsFinal || (_outcome & AlignedBit) == 0 ? Gpa : Gpa.AlignDown(PageSize.Size4K);

    /// <summary>Whether the guest's own tables led to a page and allow the access: what happened after that concerns the page, else a
    /// table.</summary>
    public bool IsFinal => _guest.IsMapped;

    /// <summary>How the guest's own walk ended; <see cref="WalkStatus.OutsideMemory"/> where its next entry could not be had.</summary>
    public WalkStatus GuestStatus => _guest.Status;

    /// <summary>How the last nested walk ended.</summary>
    public WalkStatus NestedStatus => _nested.Status;

    /// <summary>The level of the guest's entry that the walk came to last.</summary>
    public PagingLevel GuestLevel => _guest.Level;

    /// <summary>The level of the last nested entry looked at.</summary>
    public PagingLevel NestedLevel => _nested.Level;

    /// <summary>Size of the guest's page, if its walk found one.</summary>
    public PageSize GuestSize => _guest.Size;

    /// <summary>Size of the last nested mapping; that of the page if <see cref="IsFinal"/>.</summary>
    public PageSize NestedSize => _nested.Size;

    /// <summary>Size of the combined translation: the smaller of both.</summary>
    public PageSize Size => _guest.Size < _nested.Size ? _guest.Size : _nested.Size;

    /// <summary>What the guest's tables allow.</summary>
    public PagingRights GuestRights => _guest.Rights;

    /// <summary>What the nested tables allow.</summary>
    public PagingRights NestedRights => _nested.Rights;

    /// <summary>What both allow together; U/S of the guest's tables alone counts, since nested tables let nobody in without it, or with
    /// GMET look at it for fetches alone.</summary>
    public PagingRights Rights => _guest.Rights & (_nested.Rights | PagingRights.User);

    /// <summary>Whether the access to the page is private.</summary>
    public bool IsPrivate => (_outcome & PrivateBit) != 0;

    /// <summary>What the walk came to.</summary>
    /// <returns>Text such as <c>mapped 0x5123, gpa 0x7123, 4K, user rw-, private</c>, <c>#PF 0x4: guest PTE at 0x3000 not present</c> or
    /// <c>NPF 0x100000004 gpa 0x7123: nested PDE at 0x3000 not present</c>.</returns>
    public override string ToString() => Status switch
    {
        NestedWalkStatus.Mapped =>
            $"mapped {Address}, gpa {Gpa}, {Size.ShortName()}, {WalkWords.Rights(Rights)}, {(IsPrivate ? "private" : "shared")}",
        NestedWalkStatus.GuestPageFault => string.Create(
            CultureInfo.InvariantCulture, $"#PF 0x{ErrorCode:x}: guest {WalkWords.Obstacle(_guest)}"),
        NestedWalkStatus.NonCanonical => $"#GP(0): guest {WalkWords.Obstacle(_guest)}",
        NestedWalkStatus.NotValidated => string.Create(
            CultureInfo.InvariantCulture, $"VC 0x{ErrorCode:x}: gpa {Gpa} at {Address} not validated"),
        NestedWalkStatus.NestedPageFault => string.Create(
            CultureInfo.InvariantCulture, $"NPF 0x{ExitInfo1.Value:x} gpa {ExitInfo2}: nested {WalkWords.Obstacle(_nested)}"),
        NestedWalkStatus.RmpViolation => string.Create(
            CultureInfo.InvariantCulture, $"NPF 0x{ExitInfo1.Value:x} gpa {ExitInfo2}: RMP violation at {Address}"),
        NestedWalkStatus.OutsideMemory => $"gpa {Gpa}: an entry outside the memory",
        _ => $"gpa {Gpa}: an entry changed by others each time",
    };

    private bool IsNestedFault => Status is NestedWalkStatus.NestedPageFault or NestedWalkStatus.RmpViolation;
}
