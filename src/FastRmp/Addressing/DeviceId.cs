using System;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>A PCI device as an IOMMU knows it: bus [15:8], device [7:3], function [2:0].</summary>
/// <remarks>Any 16 bits are a value of this type. The PCI segment is a matter of the IOMMU, not part of it.</remarks>
/// <param name="Value">The 16 bits, which index the device table.</param>
public readonly record struct DeviceId(ushort Value) : IComparable<DeviceId>, ISpanFormattable
{
    private const int BusShift = 8;
    private const int DeviceShift = 3;
    private const int DeviceLimit = 1 << (BusShift - DeviceShift);
    private const int FunctionLimit = 1 << DeviceShift;

    /// <summary>Makes an identifier from its parts.</summary>
    /// <param name="bus">Bus.</param>
    /// <param name="device">Device, 0 to 31.</param>
    /// <param name="function">Function, 0 to 7.</param>
    /// <returns>The identifier.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Device or function is too big.</exception>
    public static DeviceId Create(byte bus, byte device, byte function)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(device, DeviceLimit);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(function, FunctionLimit);
        return new DeviceId((ushort)((bus << BusShift) | (device << DeviceShift) | function));
    }

    /// <summary>Bus, 0 to 255.</summary>
    public int Bus => Value >> BusShift;

    /// <summary>Device, 0 to 31.</summary>
    public int Device => (Value >> DeviceShift) & (DeviceLimit - 1);

    /// <summary>Function, 0 to 7.</summary>
    public int Function => Value & (FunctionLimit - 1);

    /// <summary>Reads <c>bb:dd.f</c>, all hexadecimal, as <c>lspci</c> prints it; or 16 bits in hexadecimal, with or without
    /// <c>0x</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The identifier, or zero.</param>
    /// <returns>Whether the text is one of both.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out DeviceId id)
    {
        id = default;
        int colon = text.IndexOf(':');
        if (colon < 0)
        {
            ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
            if (!ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort value)) return false;
            id = new DeviceId(value);
            return true;
        }

        int dot = text.IndexOf('.');
        if (dot < colon
            || !TryHex(text[..colon], 2, out byte bus)
            || !TryHex(text[(colon + 1)..dot], 2, out byte device)
            || !TryHex(text[(dot + 1)..], 1, out byte function)
            || device >= DeviceLimit
            || function >= FunctionLimit)
        {
            return false;
        }

        id = Create(bus, device, function);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(DeviceId other) => Value.CompareTo(other.Value);

    /// <summary>The identifier as <c>bb:dd.f</c>.</summary>
    /// <returns>Text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bus:x2}:{Device:x2}.{Function:x}");

    /// <inheritdoc cref="ToString()"/>
    /// <param name="format">Empty, or a numeric format for the bare 16 bits.</param>
    /// <param name="formatProvider">Not looked at.</param>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        string.IsNullOrEmpty(format) ? ToString() : Value.ToString(format, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        format.IsEmpty
            ? destination.TryWrite(CultureInfo.InvariantCulture, $"{Bus:x2}:{Device:x2}.{Function:x}", out charsWritten)
            : Value.TryFormat(destination, out charsWritten, format, CultureInfo.InvariantCulture);

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is lower.</returns>
    public static bool operator <(DeviceId left, DeviceId right) => left.Value < right.Value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is higher.</returns>
    public static bool operator >(DeviceId left, DeviceId right) => left.Value > right.Value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not higher.</returns>
    public static bool operator <=(DeviceId left, DeviceId right) => left.Value <= right.Value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not lower.</returns>
    public static bool operator >=(DeviceId left, DeviceId right) => left.Value >= right.Value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryHex(ReadOnlySpan<char> digits, int longest, out byte value)
    {
        value = 0;
        return digits.Length <= longest && byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
