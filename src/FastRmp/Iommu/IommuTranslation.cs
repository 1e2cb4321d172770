using System.Runtime.CompilerServices;
using FastRmp.Addressing;

namespace FastRmp.Iommu;

/// <summary>The outcome of a device's request, in 16 bytes: two quadwords, so that it is returned in registers.</summary>
public readonly record struct IommuTranslation
{
    private const int LevelShift = 8;
    private const int SizeShiftShift = 16;
    private const int RightsShift = 24;

    private readonly ulong _address;
    private readonly ulong _outcome; // rights [31:24], exponent of the size [23:16], level [15:8], status [7:0]

    /// <summary>Makes an outcome.</summary>
    /// <param name="address">See <see cref="Address"/>.</param>
    /// <param name="status">See <see cref="Status"/>.</param>
    /// <param name="level">See <see cref="Level"/>.</param>
    /// <param name="sizeShift">See <see cref="SizeShift"/>.</param>
    /// <param name="rights">See <see cref="Rights"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IommuTranslation(PhysicalAddress address, IommuStatus status, int level, int sizeShift, DmaRights rights)
    {
        _address = address.Value;
        _outcome = (ulong)status | ((ulong)(uint)level << LevelShift) | ((ulong)(uint)sizeShift << SizeShiftShift) | ((ulong)rights << RightsShift);
    }

    /// <summary>The physical address, if a page was found (<see cref="HasPage"/>); else the address of the page-table or device table entry where the request ended, or 0 if it came to none.</summary>
    public PhysicalAddress Address => PhysicalAddress.CreateUnchecked(_address);

    /// <summary>How the request ended.</summary>
    public IommuStatus Status => (IommuStatus)(byte)_outcome;

    /// <summary>The level of the last page-table entry looked at, 1 to 6; 0 if there was none.</summary>
    public int Level => (byte)(_outcome >> LevelShift);

    /// <summary>Binary logarithm of the page's size in bytes, 12 to 51; 12 where nothing is translated; 0 without a page.</summary>
    public int SizeShift => (byte)(_outcome >> SizeShiftShift);

    /// <summary>Size of the page in bytes; 0 without a page.</summary>
    public ulong Size => HasPage ? 1UL << SizeShift : 0;

    /// <summary>What the device may do with the page.</summary>
    public DmaRights Rights => (DmaRights)(byte)(_outcome >> RightsShift);

    /// <summary>Whether a page was found, be the request allowed or not.</summary>
    public bool HasPage => SizeShift != 0;

    /// <summary>Whether the request may happen.</summary>
    public bool IsMapped => Status == IommuStatus.Mapped;
}
