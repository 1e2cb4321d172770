using System.Globalization;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>The outcome of a device's request, in 24 bytes.</summary>
public readonly record struct IommuWalkResult
{
    private const int LevelShift = 8;
    private const int SizeShiftShift = 16;
    private const int RightsShift = 24;
    private const int StageShift = 32;
    private const int CauseShift = 40;

    private readonly ulong _address;
    // cause [47:40], stage [39:32], rights [31:24], exponent of the size [23:16], level [15:8], status [7:0]
    private readonly ulong _outcome;
    private readonly ulong _guestAddress;

    /// <summary>Makes an outcome.</summary>
    /// <param name="address">See <see cref="Address"/>.</param>
    /// <param name="status">See <see cref="Status"/>.</param>
    /// <param name="level">See <see cref="Level"/>.</param>
    /// <param name="sizeShift">See <see cref="SizeShift"/>.</param>
    /// <param name="rights">See <see cref="Rights"/>.</param>
    /// <param name="stage">See <see cref="Stage"/>.</param>
    /// <param name="guestAddress">See <see cref="GuestAddress"/>.</param>
    /// <param name="cause">See <see cref="Cause"/>; other bits than those are dropped.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IommuWalkResult(
        PhysicalAddress address,
        IommuStatus status,
        int level,
        int sizeShift,
        DmaRights rights,
        WalkStage stage = WalkStage.Host,
        GuestPhysicalAddress guestAddress = default,
        IommuEventBits cause = IommuEventBits.None)
    {
        _address = address.Value;
        _outcome = (ulong)status
            | ((ulong)(uint)level << LevelShift)
            | ((ulong)(uint)sizeShift << SizeShiftShift)
            | ((ulong)rights << RightsShift)
            | ((ulong)stage << StageShift)
            | ((ulong)(cause & (IommuEventBits.NoExecute | IommuEventBits.User | IommuEventBits.Write)) << CauseShift);
        _guestAddress = guestAddress.Value;
    }

    /// <summary>The physical address, if a page was found (<see cref="HasPage"/>); else the address of the page-table or device table entry
    /// where the request ended, or 0 if it came to none.</summary>
    public PhysicalAddress Address => PhysicalAddress.CreateUnchecked(_address);

    /// <summary>How the request ended.</summary>
    public IommuStatus Status => (IommuStatus)(byte)_outcome;

    /// <summary>The level of the last entry looked at in the tables of <see cref="Stage"/>, 1 to 6; of a page behind guest (v2) tables,
    /// that of their leaf. 0 if there was none.</summary>
    public int Level => (byte)(_outcome >> LevelShift);

    /// <summary>Binary logarithm of the page's size in bytes, 12 to 51; with guest (v2) tables over host tables the smaller of both; 12
    /// where nothing is translated; 0 without a page.</summary>
    public int SizeShift => (byte)(_outcome >> SizeShiftShift);

    /// <summary>Size of the page in bytes; 0 without a page.</summary>
    public ulong Size => HasPage ? 1UL << SizeShift : 0;

    /// <summary>What the device may do with the page, or could do as far as the request came.</summary>
    public DmaRights Rights => (DmaRights)(byte)(_outcome >> RightsShift);

    /// <summary>Which tables the request ended in; of a page, the tables that led to it: guest (v2) ones, or the host's.</summary>
    public WalkStage Stage => (WalkStage)(byte)(_outcome >> StageShift);

    /// <summary>With guest (v2) tables: the guest physical address of the page, or the one that the host tables did not let pass. Else
    /// 0.</summary>
    public GuestPhysicalAddress GuestAddress => GuestPhysicalAddress.CreateUnchecked(_guestAddress);

    /// <summary>What of guest (v2) tables refused the request: <see cref="IommuEventBits.User"/> if U/S = 0 did,
    /// <see cref="IommuEventBits.NoExecute"/> if NX did. In stage <see cref="WalkStage.Nested"/> <see cref="IommuEventBits.Write"/>, if
    /// the IOMMU was about to write at <see cref="GuestAddress"/>. None otherwise.</summary>
    public IommuEventBits Cause => (IommuEventBits)(byte)(_outcome >> CauseShift);

    /// <summary>Whether a page was found, be the request allowed or not.</summary>
    public bool HasPage => SizeShift != 0;

    /// <summary>Whether the request may happen.</summary>
    public bool IsMapped => Status == IommuStatus.Mapped;

    /// <summary>What the request came to.</summary>
    /// <returns>Text such as <c>mapped 0x5123, 2^12 bytes, Read, Write</c> or <c>NotPresent at 0x3000, Host level 2</c>.</returns>
    public override string ToString()
    {
        string page = string.Create(CultureInfo.InvariantCulture, $"{Address}, 2^{SizeShift} bytes, {Rights}");
        string gpa = GuestAddress.Value == 0 ? "" : $", gpa {GuestAddress}";
        if (IsMapped) return $"mapped {page}{gpa}";
        string cause = Cause == IommuEventBits.None ? "" : $", by {Cause}";
        return string.Create(
            CultureInfo.InvariantCulture, $"{Status} at {(HasPage ? page : Address.ToString())}, {Stage} level {Level}{gpa}{cause}");
    }
}
