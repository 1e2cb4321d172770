using System;
using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>An entry of an IOMMU's event log: four 32-bit words, of which the code in the second says how the others are to be
/// read.</summary>
/// <remarks>Encoded as AMD-Vi writes it, no bit set that the sources do not name; printed as Linux prints it. Source: Linux
/// drivers/iommu/amd/iommu.c.</remarks>
public readonly partial struct IommuEvent : IEquatable<IommuEvent>, ISpanFormattable
{
    /// <summary>Bytes of an entry.</summary>
    public const int SizeInBytes = 16;

    private const int WordBits = 32;

    private readonly ulong _low;
    private readonly ulong _high;

    /// <summary>Takes an entry as its two quadwords.</summary>
    /// <param name="low">Bytes 7:0.</param>
    /// <param name="high">Bytes 15:8.</param>
    public IommuEvent(ulong low, ulong high)
    {
        _low = low;
        _high = high;
    }

    /// <summary>Takes an entry as its four words.</summary>
    /// <param name="word0">Bytes 3:0.</param>
    /// <param name="word1">Bytes 7:4.</param>
    /// <param name="word2">Bytes 11:8.</param>
    /// <param name="word3">Bytes 15:12.</param>
    public IommuEvent(uint word0, uint word1, uint word2, uint word3)
        : this(word0 | ((ulong)word1 << WordBits), word2 | ((ulong)word3 << WordBits))
    {
    }

    private IommuEvent(IommuEventEntry entry)
        : this(entry.Low, entry.High)
    {
    }

    /// <summary>Bytes 7:0.</summary>
    public ulong Low => _low;

    /// <summary>Bytes 15:8.</summary>
    public ulong High => _high;

    /// <summary>What happened.</summary>
    public IommuEventCode Code => Common.Code;

    /// <summary>Who made the request.</summary>
    public DeviceId Device => new(Common.DeviceId);

    /// <summary>Flags.</summary>
    public IommuEventBits Flags => Common.Flags;

    /// <summary>The address, of the kind that <see cref="Code"/> says: the device's, or the system physical one of what could not be
    /// read.</summary>
    public ulong Address => Code == IommuEventCode.RmpHardwareError ? RmpHardwareErrorFields.Address : _high;

    /// <summary>The PASID, 20 bits; of an IO_PAGE_FAULT without the flag <see cref="IommuEventBits.Guest"/>, the DomainID.</summary>
    public uint Pasid => Code == IommuEventCode.InvalidPageRequest ? PageRequest.Pasid : Common.Pasid;

    /// <summary>vmg_tag of an RMP_PAGE_FAULT or RMP_HARDWARE_ERROR; without a meaning in other events.</summary>
    public ushort VmgTag => RmpFaultFields.VmgTag;

    /// <summary>flags_rmp of an RMP_PAGE_FAULT; without a meaning in other events.</summary>
    public byte RmpFlags => RmpFaultFields.RmpFlags;

    /// <summary>The page request's tag of an INVALID_PPR_REQUEST; without a meaning in other events.</summary>
    public ushort PageRequestTag => PageRequest.Tag;

    /// <summary>The entry with the fields that most codes have.</summary>
    internal IommuEventEntry Common => new(_low, _high);

    /// <summary>The entry with the fields of RMP_PAGE_FAULT.</summary>
    internal IommuRmpFaultEntry RmpFaultFields => new(_low, _high);

    /// <summary>The entry with the fields of RMP_HARDWARE_ERROR.</summary>
    internal IommuRmpHardwareErrorEntry RmpHardwareErrorFields => new(_low, _high);

    /// <summary>The entry with the fields of INVALID_PPR_REQUEST.</summary>
    internal IommuPageRequestEntry PageRequest => new(_low, _high);

    /// <summary>One of the four words.</summary>
    /// <param name="index">0 to 3.</param>
    /// <returns>The word.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such word.</exception>
    public uint Word(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, 3);
        ulong half = index < 2 ? _low : _high;
        return (uint)((index & 1) == 0 ? half : half >> WordBits);
    }

    /// <summary>Makes an event with the fields that most codes have.</summary>
    /// <param name="code">What happened.</param>
    /// <param name="device">Who made the request.</param>
    /// <param name="address">The address, of the kind that the code says.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="pasid">PASID; of an IO_PAGE_FAULT without one, the DomainID. 20 bits.</param>
    /// <returns>The event.</returns>
    public static IommuEvent Create(
        IommuEventCode code, DeviceId device, ulong address, IommuEventBits flags = IommuEventBits.None, uint pasid = 0) =>
        new(new IommuEventEntry { Code = code, DeviceId = device.Value, Address = address, Flags = flags, Pasid = pasid });

    /// <summary>Makes an RMP_PAGE_FAULT.</summary>
    /// <param name="device">Who made the request.</param>
    /// <param name="address">The device's address.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="vmgTag">vmg_tag.</param>
    /// <param name="rmpFlags">flags_rmp.</param>
    /// <returns>The event.</returns>
    public static IommuEvent CreateRmpFault(
        DeviceId device, DeviceAddress address, IommuEventBits flags, ushort vmgTag = 0, byte rmpFlags = 0)
    {
        IommuRmpFaultEntry entry = new IommuRmpFaultEntry
        {
            Code = IommuEventCode.RmpPageFault,
            DeviceId = device.Value,
            RmpFlags = rmpFlags,
            VmgTag = vmgTag,
            Flags = flags,
            Address = address.Value,
        };
        return new IommuEvent(entry.Low, entry.High);
    }

    /// <summary>Makes an RMP_HARDWARE_ERROR.</summary>
    /// <param name="device">Who made the request.</param>
    /// <param name="address">What could not be read; bits [2:0] are dropped.</param>
    /// <param name="flags">Flags.</param>
    /// <param name="vmgTag">vmg_tag.</param>
    /// <returns>The event.</returns>
    public static IommuEvent CreateRmpHardwareError(DeviceId device, PhysicalAddress address, IommuEventBits flags, ushort vmgTag = 0)
    {
        IommuRmpHardwareErrorEntry entry = new IommuRmpHardwareErrorEntry
        {
            Code = IommuEventCode.RmpHardwareError,
            DeviceId = device.Value,
            VmgTag = vmgTag,
            Flags = flags,
            Address = address.Value,
        };
        return new IommuEvent(entry.Low, entry.High);
    }

    /// <inheritdoc/>
    public bool Equals(IommuEvent other) => _low == other._low && _high == other._high;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IommuEvent other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_low, _high);

    /// <summary>Equality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether all bits are equal.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator ==(IommuEvent left, IommuEvent right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether a bit differs.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator !=(IommuEvent left, IommuEvent right) => !left.Equals(right);
}
