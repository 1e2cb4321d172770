using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>What an IOMMU knows besides memory: its registers, and whether SNP is enabled in it.</summary>
/// <param name="DeviceTable">The Device Table Base register, MMIO offset 0: the address of the table in [51:12], its size in [8:0]. See
/// <see cref="TableAt"/>.</param>
/// <param name="IsSnpEnabled">Whether SNP's restrictions on device table entries hold: mode 0 is illegal.</param>
/// <remarks>Of registers that are not known every feature counts as there and enabled, so that no entry is called illegal for what nobody
/// knows. Immutable; any threads may share it.</remarks>
public readonly partial record struct IommuState(ulong DeviceTable, bool IsSnpEnabled = false)
{
    /// <summary>How many device table entries a 4 KiB page holds.</summary>
    public const int EntriesInPage = 4096 / DeviceTableEntry.SizeInBytes;

    private const int LowestEncryptionBit = 32;
    private const int HighestEncryptionBit = 51;

    private readonly IommuControl? _control;
    private readonly IommuExtendedFeatures? _features;
    private readonly ulong? _features2;
    private readonly ModelChoices? _choices;
    private readonly Derived _derived;

    /// <summary>The Control register; null if it is not known.</summary>
    public IommuControl? Control
    {
        get => _control;
        init
        {
            _control = value;
            _derived = Derive(_control, _features, Choices);
        }
    }

    /// <summary>The Extended Feature register; null if it is not known.</summary>
    public IommuExtendedFeatures? Features
    {
        get => _features;
        init
        {
            _features = value;
            _derived = Derive(_control, _features, Choices);
        }
    }

    /// <summary>The Extended Feature 2 register; null if it is not known.</summary>
    public ulong? Features2
    {
        get => _features2;
        init => _features2 = value;
    }

    /// <summary>What the model does where the sources leave a choice.</summary>
    /// <exception cref="ArgumentNullException">Null is set.</exception>
    public ModelChoices Choices
    {
        get => _choices ?? ModelChoices.Default;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _choices = value;
            _derived = Derive(_control, _features, value);
        }
    }

    /// <summary>With memory encryption: the position of the C-bit, 32 to 51, which is no address bit in any table; null without.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A position out of that range is set.</exception>
    public int? EncryptionBit
    {
        get => EncryptionMask == 0 ? null : System.Numerics.BitOperations.TrailingZeroCount(EncryptionMask);
        init
        {
            if (value is { } bit)
            {
                ArgumentOutOfRangeException.ThrowIfLessThan(bit, LowestEncryptionBit, nameof(value));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(bit, HighestEncryptionBit, nameof(value));
            }

            EncryptionMask = value is { } position ? 1UL << position : 0;
        }
    }

    /// <summary>The C-bit in its place, or zero.</summary>
    internal ulong EncryptionMask { get; private init; }

    /// <summary>How many entries the device table has: 128 to 65,536.</summary>
    public int Entries => (new DeviceTableBase(DeviceTable).Size + 1) * EntriesInPage;

    /// <summary>Where the device table begins.</summary>
    public PhysicalAddress TableAddress => new DeviceTableBase(DeviceTable).Base;

    /// <summary>An IOMMU whose device table has an entry for every device: 65,536.</summary>
    /// <param name="table">Where the table begins; bits [11:0] do not count.</param>
    /// <param name="isSnpEnabled">See <see cref="IsSnpEnabled"/>.</param>
    /// <returns>The state.</returns>
    public static IommuState TableAt(PhysicalAddress table, bool isSnpEnabled = false) =>
        new(new DeviceTableBase { Base = table.AlignDown(PageSize.Size4K), Size = ushort.MaxValue }.Value, isSnpEnabled);

    /// <summary>Whether GCR3 root and GCR3 tables are guest physical (GCR3TRPMode).</summary>
    public bool Gcr3IsGuestPhysical =>
        _control is not { Gcr3IsGuestPhysical: false }
            && (_features2 is not { } more || new IommuExtendedFeatures2(more).Gcr3IsGuestPhysical);

    /// <summary>Where the entry of a device is.</summary>
    /// <param name="device">The device.</param>
    /// <param name="address">Address of its 32 bytes; beyond the table, where it would be, modulo 2^52.</param>
    /// <returns>False if the table, or physical memory, ends before it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryLocate(DeviceId device, out PhysicalAddress address)
    {
        DeviceTableBase table = new(DeviceTable);
        address = table.Base + ((ulong)device.Value * DeviceTableEntry.SizeInBytes);
        return device.Value < (table.Size + 1) * EntriesInPage && address >= table.Base;
    }
}
