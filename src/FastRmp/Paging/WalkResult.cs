using System.Globalization;
using System.Runtime.CompilerServices;

namespace FastRmp.Paging;

/// <summary>The outcome of a walk, in 16 bytes: two quadwords, so that it is returned in registers.</summary>
public readonly record struct WalkResult
{
    private const int LevelShift = 8;
    private const int SizeShift = 16;
    private const int RightsShift = 24;
    private const int ErrorCodeShift = 32;

    private readonly ulong _address;
    private readonly ulong _outcome; // error code [63:32], rights [31:24], size [23:16], level [15:8], status [7:0]

    /// <summary>Makes an outcome.</summary>
    /// <param name="address">See <see cref="Address"/>.</param>
    /// <param name="errorCode">See <see cref="ErrorCode"/>.</param>
    /// <param name="status">See <see cref="Status"/>.</param>
    /// <param name="level">See <see cref="Level"/>.</param>
    /// <param name="size">See <see cref="Size"/>.</param>
    /// <param name="rights">See <see cref="Rights"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WalkResult(PhysicalAddress address, uint errorCode, WalkStatus status, PagingLevel level, PageSize size, PagingRights rights)
    {
        _address = address.Value;
        _outcome = (ulong)status | ((ulong)level << LevelShift) | ((ulong)size << SizeShift) | ((ulong)rights << RightsShift)
            | ((ulong)errorCode << ErrorCodeShift);
    }

    private WalkResult(ulong address, ulong outcome)
    {
        _address = address;
        _outcome = outcome;
    }

    /// <summary>A page found, and the access allowed: as the constructor, without a detour through a byte for the rights.</summary>
    /// <param name="address">Where the access goes.</param>
    /// <param name="level">Of the leaf.</param>
    /// <param name="size">Of the page.</param>
    /// <param name="rights">The bits of <see cref="PagingRights"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static WalkResult Mapped(PhysicalAddress address, PagingLevel level, PageSize size, ulong rights) => new(
        address.Value,
        (rights << RightsShift) | (ulong)WalkStatus.Mapped | ((ulong)level << LevelShift)
        | ((ulong)size << SizeShift));

    /// <summary>The physical address, if <see cref="Status"/> is <see cref="WalkStatus.Mapped"/> or the page was found but the access
    /// failed; else the address of the entry where the walk ended.</summary>
    public PhysicalAddress Address => PhysicalAddress.CreateUnchecked(_address);

    /// <summary>All but the address: error code in [63:32], rights in [31:24], size in [23:16], level in [15:8], status in [7:0].</summary>
    internal ulong Outcome => _outcome;

    /// <summary>The #PF error code of a fault; 0 if there is none. <see cref="PageFaultErrorCode"/> names its bits.</summary>
    public uint ErrorCode => (uint)(_outcome >> ErrorCodeShift);

    /// <summary>How the walk ended.</summary>
    public WalkStatus Status => (WalkStatus)(byte)_outcome;

    /// <summary>The level of the last entry looked at.</summary>
    public PagingLevel Level => (PagingLevel)(byte)(_outcome >> LevelShift);

    /// <summary>Size of the page, if one was found.</summary>
    public PageSize Size => (PageSize)(byte)(_outcome >> SizeShift);

    /// <summary>What the levels passed allow together.</summary>
    public PagingRights Rights => (PagingRights)(byte)(_outcome >> RightsShift);

    /// <summary>Whether the access may happen.</summary>
    public bool IsMapped => Status == WalkStatus.Mapped;

    /// <summary>What the walk came to.</summary>
    /// <returns>Text such as <c>mapped 0x5123, 4K, supervisor rw-</c>, <c>#PF 0x2: PDE at 0x3000 not present</c> or <c>#GP(0): address not
    /// canonical</c>.</returns>
    public override string ToString() => Status switch
    {
        WalkStatus.Mapped => $"mapped {WalkWords.Obstacle(this)}",
        WalkStatus.NonCanonical => $"#GP(0): {WalkWords.Obstacle(this)}",
        WalkStatus.OutsideMemory or WalkStatus.Contended => WalkWords.Obstacle(this),
        _ => string.Create(CultureInfo.InvariantCulture, $"#PF 0x{ErrorCode:x}: {WalkWords.Obstacle(this)}"),
    };
}
