using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>A guest physical address (the manual's gPA): what an RMP entry records, and what nested paging translates.</summary>
/// <remarks>At most 52 bits; the C-bit is not part of it. A value type over one quadword: no implicit conversions, so that the kinds of
/// address cannot be mixed up.</remarks>
public readonly struct GuestPhysicalAddress : IEquatable<GuestPhysicalAddress>, IComparable<GuestPhysicalAddress>, ISpanFormattable
{
    /// <summary>Bits that an address may have: [51:0], the architecture's limit.</summary>
    public const ulong ValidMask = (1UL << 52) - 1;

    private readonly ulong _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private GuestPhysicalAddress(ulong value) => _value = value;

    /// <summary>The byte address.</summary>
    public ulong Value => _value;

    /// <summary>The number of the 4 KiB page: the address shifted right by 12.</summary>
    public ulong PageNumber => _value >> 12;

    /// <summary>Makes an address.</summary>
    /// <param name="value">Byte address, below 2^52.</param>
    /// <returns>The address.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> has a bit in [63:52].</exception>
    public static GuestPhysicalAddress Create(ulong value)
    {
        if ((value & ~ValidMask) != 0) Throw.AddressOutOfRange(nameof(value), value, ValidMask);
        return new GuestPhysicalAddress(value);
    }

    /// <summary>Makes an address if the value is one.</summary>
    /// <param name="value">Byte address.</param>
    /// <param name="address">The address, or zero.</param>
    /// <returns>Whether no bit of [63:52] is set.</returns>
    public static bool TryCreate(ulong value, out GuestPhysicalAddress address)
    {
        bool valid = (value & ~ValidMask) == 0;
        address = new GuestPhysicalAddress(valid ? value : 0);
        return valid;
    }

    /// <summary>Makes an address from the low 52 bits.</summary>
    /// <param name="value">Any value; bits [63:52] are dropped.</param>
    /// <returns>The address.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GuestPhysicalAddress Truncate(ulong value) => new(value & ValidMask);

    /// <summary>Makes the address of a 4 KiB page; bits of the number above [39:0] are dropped.</summary>
    /// <param name="pageNumber">Page number.</param>
    /// <returns>The address of the page's first byte.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GuestPhysicalAddress FromPageNumber(ulong pageNumber) => Truncate(pageNumber << 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static GuestPhysicalAddress CreateUnchecked(ulong value) => new(value);

    /// <summary>Whether the address is a multiple of the page size.</summary>
    /// <param name="size">Page size.</param>
    /// <returns>True if no offset bit is set.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsAligned(PageSize size) => (_value & size.OffsetMask()) == 0;

    /// <summary>The first byte of the page of that size that holds the address.</summary>
    /// <param name="size">Page size.</param>
    /// <returns>The address rounded down.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GuestPhysicalAddress AlignDown(PageSize size) => new(_value & ~size.OffsetMask());

    /// <summary>The offset inside the page of that size.</summary>
    /// <param name="size">Page size.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Offset(PageSize size) => _value & size.OffsetMask();

    /// <inheritdoc/>
    public bool Equals(GuestPhysicalAddress other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is GuestPhysicalAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(GuestPhysicalAddress other) => _value.CompareTo(other._value);

    /// <summary>The address as <c>0x</c> and hexadecimal digits.</summary>
    /// <returns>Text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{_value:x}");

    /// <inheritdoc cref="ToString()"/>
    /// <param name="format">Empty, or a numeric format for the bare value without <c>0x</c>.</param>
    /// <param name="formatProvider">Not looked at.</param>
    public string ToString(string? format, IFormatProvider? formatProvider) =>
        string.IsNullOrEmpty(format) ? ToString() : _value.ToString(format, CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        format.IsEmpty
            ? destination.TryWrite(CultureInfo.InvariantCulture, $"0x{_value:x}", out charsWritten)
            : _value.TryFormat(destination, out charsWritten, format, CultureInfo.InvariantCulture);

    /// <summary>Takes the low 52 bits, as <see cref="Truncate"/>.</summary>
    /// <param name="value">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator GuestPhysicalAddress(ulong value) => Truncate(value);

    /// <summary>The byte address.</summary>
    /// <param name="address">The address.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static explicit operator ulong(GuestPhysicalAddress address) => address._value;

    /// <summary>Adds bytes; the sum wraps at 2^52.</summary>
    /// <param name="address">The address.</param>
    /// <param name="bytes">Bytes to add.</param>
    /// <returns>The sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GuestPhysicalAddress operator +(GuestPhysicalAddress address, ulong bytes) => Truncate(address._value + bytes);

    /// <summary>The distance in bytes.</summary>
    /// <param name="left">Minuend.</param>
    /// <param name="right">Subtrahend, not above <paramref name="left"/> for a meaningful result.</param>
    /// <returns>Bytes, modulo 2^64.</returns>
    public static ulong operator -(GuestPhysicalAddress left, GuestPhysicalAddress right) => left._value - right._value;

    /// <summary>Equality of the values.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both are the same address.</returns>
    public static bool operator ==(GuestPhysicalAddress left, GuestPhysicalAddress right) => left._value == right._value;

    /// <summary>Inequality of the values.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the addresses differ.</returns>
    public static bool operator !=(GuestPhysicalAddress left, GuestPhysicalAddress right) => left._value != right._value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is lower.</returns>
    public static bool operator <(GuestPhysicalAddress left, GuestPhysicalAddress right) => left._value < right._value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is higher.</returns>
    public static bool operator >(GuestPhysicalAddress left, GuestPhysicalAddress right) => left._value > right._value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not higher.</returns>
    public static bool operator <=(GuestPhysicalAddress left, GuestPhysicalAddress right) => left._value <= right._value;

    /// <summary>Order by value.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not lower.</returns>
    public static bool operator >=(GuestPhysicalAddress left, GuestPhysicalAddress right) => left._value >= right._value;
}
