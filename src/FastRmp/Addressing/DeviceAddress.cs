using System;
using System.Globalization;

namespace FastRmp;

/// <summary>An address as a device uses it, before its IOMMU translates it: 64 bits (Linux: IOVA; of a passed-through device, the guest
/// physical address).</summary>
/// <param name="Value">The 64 bits.</param>
public readonly record struct DeviceAddress(ulong Value) : IComparable<DeviceAddress>
{
    /// <inheritdoc/>
    public int CompareTo(DeviceAddress other) => Value.CompareTo(other.Value);

    /// <summary>The address as <c>0x</c> and hexadecimal digits.</summary>
    /// <returns>Text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");

    /// <summary>Adds bytes; the sum wraps at 2^64.</summary>
    /// <param name="address">The address.</param>
    /// <param name="bytes">Bytes to add.</param>
    /// <returns>The sum.</returns>
    public static DeviceAddress operator +(DeviceAddress address, ulong bytes) => new(address.Value + bytes);

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is lower.</returns>
    public static bool operator <(DeviceAddress left, DeviceAddress right) => left.Value < right.Value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is higher.</returns>
    public static bool operator >(DeviceAddress left, DeviceAddress right) => left.Value > right.Value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not higher.</returns>
    public static bool operator <=(DeviceAddress left, DeviceAddress right) => left.Value <= right.Value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not lower.</returns>
    public static bool operator >=(DeviceAddress left, DeviceAddress right) => left.Value >= right.Value;
}
