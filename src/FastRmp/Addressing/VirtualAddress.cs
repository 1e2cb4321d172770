using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>A linear (virtual) address, all 64 bits of it.</summary>
/// <remarks>Any quadword is a value of this type; whether it is canonical depends on the paging mode (AMD64 APM vol. 2, chapter
/// 5).</remarks>
public readonly struct VirtualAddress : IEquatable<VirtualAddress>, IComparable<VirtualAddress>, ISpanFormattable
{
    private readonly ulong _value;

    /// <summary>Makes an address, canonical or not.</summary>
    /// <param name="value">The 64 bits.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public VirtualAddress(ulong value) => _value = value;

    /// <summary>The 64 bits.</summary>
    public ulong Value => _value;

    /// <summary>Makes a canonical address.</summary>
    /// <param name="value">The 64 bits; [63:47] must be equal with four levels, [63:56] with five.</param>
    /// <param name="mode">The paging mode.</param>
    /// <returns>The address.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The address is not canonical in that mode, or the mode is not a defined
    /// <see cref="PagingMode"/>.</exception>
    public static VirtualAddress Create(ulong value, PagingMode mode)
    {
        VirtualAddress address = new(value);
        if (!address.IsCanonical(mode)) Throw.NotCanonical(nameof(value), value, 4 + (int)mode);
        return address;
    }

    /// <summary>Makes a canonical address if the value is one.</summary>
    /// <param name="value">The 64 bits.</param>
    /// <param name="mode">The paging mode.</param>
    /// <param name="address">The address, or zero.</param>
    /// <returns>Whether the value is canonical.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The mode is not a defined <see cref="PagingMode"/>.</exception>
    public static bool TryCreate(ulong value, PagingMode mode, out VirtualAddress address)
    {
        bool canonical = new VirtualAddress(value).IsCanonical(mode);
        address = new VirtualAddress(canonical ? value : 0);
        return canonical;
    }

    /// <summary>Makes a canonical address from the low 48 or 57 bits by sign extension.</summary>
    /// <param name="value">Any value; the bits above are replaced.</param>
    /// <param name="mode">The paging mode.</param>
    /// <returns>The address.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The mode is not a defined <see cref="PagingMode"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VirtualAddress Truncate(ulong value, PagingMode mode)
    {
        if (mode > PagingMode.FiveLevel) Throw.NoPagingMode(nameof(mode), (int)mode);
        int spare = UnusedBits(mode);
        return new VirtualAddress((ulong)((long)(value << spare) >> spare));
    }

    /// <summary>Whether the unused high bits repeat the highest used one; if not, an access raises #GP(0) or #SS(0) and no walk
    /// happens.</summary>
    /// <param name="mode">The paging mode: [63:47] with four levels, [63:56] with five.</param>
    /// <returns>True if canonical.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The mode is not a defined <see cref="PagingMode"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsCanonical(PagingMode mode)
    {
        if (mode > PagingMode.FiveLevel) Throw.NoPagingMode(nameof(mode), (int)mode);
        return IsCanonicalUnchecked(mode);
    }

    /// <summary><see cref="IsCanonical"/> with a value that is known to be a mode.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsCanonicalUnchecked(PagingMode mode)
    {
        int spare = UnusedBits(mode);
        return (ulong)((long)(_value << spare) >> spare) == _value;
    }

    /// <summary>The index of this address in a table of the level.</summary>
    /// <param name="level">Level 1 (PT) to 5 (PML5).</param>
    /// <returns>0 to 511.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The level is not 1 to 5.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint GetIndex(PagingLevel level) => (uint)((_value >> level.Shift()) & PageArithmetic.IndexMask);

    /// <summary>The offset inside a page of the size.</summary>
    /// <param name="size">Page size.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Offset(PageSize size) => _value & size.OffsetMask();

    /// <summary>The first byte of the page of that size that holds the address.</summary>
    /// <param name="size">Page size.</param>
    /// <returns>The address rounded down.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not a defined <see cref="PageSize"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public VirtualAddress AlignDown(PageSize size) => new(_value & ~size.OffsetMask());

    /// <inheritdoc/>
    public bool Equals(VirtualAddress other) => _value == other._value;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is VirtualAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(VirtualAddress other) => _value.CompareTo(other._value);

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

    /// <summary>Wraps the 64 bits.</summary>
    /// <param name="value">Any value.</param>
    public static explicit operator VirtualAddress(ulong value) => new(value);

    /// <summary>The 64 bits.</summary>
    /// <param name="address">The address.</param>
    public static explicit operator ulong(VirtualAddress address) => address._value;

    /// <summary>Adds bytes, modulo 2^64.</summary>
    /// <param name="address">The address.</param>
    /// <param name="bytes">Bytes to add.</param>
    /// <returns>The sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VirtualAddress operator +(VirtualAddress address, ulong bytes) => new(address._value + bytes);

    /// <summary>The distance in bytes.</summary>
    /// <param name="left">Minuend.</param>
    /// <param name="right">Subtrahend.</param>
    /// <returns>Bytes, modulo 2^64.</returns>
    public static ulong operator -(VirtualAddress left, VirtualAddress right) => left._value - right._value;

    /// <summary>Equality of the values.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether both are the same address.</returns>
    public static bool operator ==(VirtualAddress left, VirtualAddress right) => left._value == right._value;

    /// <summary>Inequality of the values.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether the addresses differ.</returns>
    public static bool operator !=(VirtualAddress left, VirtualAddress right) => left._value != right._value;

    /// <summary>Unsigned order.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is lower.</returns>
    public static bool operator <(VirtualAddress left, VirtualAddress right) => left._value < right._value;

    /// <summary>Unsigned order.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is higher.</returns>
    public static bool operator >(VirtualAddress left, VirtualAddress right) => left._value > right._value;

    /// <summary>Unsigned order.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not higher.</returns>
    public static bool operator <=(VirtualAddress left, VirtualAddress right) => left._value <= right._value;

    /// <summary>Unsigned order.</summary>
    /// <param name="left">Left.</param>
    /// <param name="right">Right.</param>
    /// <returns>Whether <paramref name="left"/> is not lower.</returns>
    public static bool operator >=(VirtualAddress left, VirtualAddress right) => left._value >= right._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int UnusedBits(PagingMode mode) => 64 - mode.AddressBitsUnchecked();
}
