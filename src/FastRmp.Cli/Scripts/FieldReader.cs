using System;
using System.Buffers.Text;
using System.Text;

namespace FastRmp.Cli.Scripts;

/// <summary>The fields of one line, from left to right: separated by blanks and tabs, ended by <c>#</c> or the line's end.</summary>
/// <remarks>The first fault is kept, so that a caller checks once, after all fields. Nothing is allocated; bytes that are not text are
/// accepted.</remarks>
internal ref struct FieldReader
{
    private const int HexDigitBits = 4;

    private ReadOnlySpan<byte> _rest;

    internal FieldReader(ReadOnlySpan<byte> line)
    {
        int comment = line.IndexOf((byte)'#');
        _rest = comment < 0 ? line : line[..comment];
        Fault = FieldFault.None;
        Name = string.Empty;
    }

    /// <summary>What is wrong with the line.</summary>
    internal FieldFault Fault { get; private set; }

    /// <summary>The name of the field that is at fault; if refused, why.</summary>
    internal string Name { get; private set; }

    /// <summary>The text of the faulty field.</summary>
    internal ReadOnlySpan<byte> Text { get; private set; }

    /// <summary>The widest address, in bits, or the largest number that would have been taken.</summary>
    internal ulong Limit { get; private set; }

    /// <summary>Takes the next field.</summary>
    /// <returns>False at the end.</returns>
    internal bool TryNext(out ReadOnlySpan<byte> field)
    {
        int start = 0;
        while (start < _rest.Length && IsBlank(_rest[start]))
        {
            start++;
        }

        int end = start;
        while (end < _rest.Length && !IsBlank(_rest[end]))
        {
            end++;
        }

        field = _rest[start..end];
        _rest = _rest[end..];
        return !field.IsEmpty;
    }

    /// <summary>Whether nothing is left.</summary>
    internal readonly bool IsAtEnd => _rest.IndexOfAnyExcept((byte)' ', (byte)'\t') < 0;

    /// <summary>Takes the next field if it is a word, in any case.</summary>
    internal bool TryTake(ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> rest = _rest;
        if (TryNext(out ReadOnlySpan<byte> field) && Is(field, word)) return true;
        _rest = rest;
        return false;
    }

    /// <summary>The field that <see cref="TryOption"/> took, as it is.</summary>
    internal ReadOnlySpan<byte> Whole { get; private set; }

    /// <summary>Whether the next field is NAME=VALUE or a word.</summary>
    internal readonly bool IsOptionNext(ReadOnlySpan<byte> word)
    {
        FieldReader ahead = this;
        return ahead.TryNext(out ReadOnlySpan<byte> field) && (field.Contains((byte)'=') || (!word.IsEmpty && Is(field, word)));
    }

    /// <summary>Takes a field NAME=VALUE, or a word that stands for itself.</summary>
    /// <param name="name">The name, or the word.</param>
    /// <param name="value">The value; empty of a word.</param>
    /// <param name="isWord">Whether there is no <c>=</c>.</param>
    /// <returns>False at the end, or after a fault.</returns>
    internal bool TryOption(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out bool isWord)
    {
        name = default;
        value = default;
        isWord = true;
        if (Fault != FieldFault.None || !TryNext(out ReadOnlySpan<byte> field)) return false;
        Whole = field;
        int equals = field.IndexOf((byte)'=');
        isWord = equals < 0;
        name = isWord ? field : field[..equals];
        value = isWord ? default : field[(equals + 1)..];
        return true;
    }

    /// <summary>Takes a field that must be there.</summary>
    internal ReadOnlySpan<byte> Next(string name)
    {
        if (!TryNext(out ReadOnlySpan<byte> field)) Fail(FieldFault.Missing, name, field);
        return field;
    }

    /// <summary>Says after the last field whether all is well.</summary>
    internal bool End()
    {
        if (TryNext(out ReadOnlySpan<byte> field)) Fail(FieldFault.TooManyFields, string.Empty, field);
        return Fault == FieldFault.None;
    }

    /// <summary>A system physical address.</summary>
    internal PhysicalAddress Address(string name) => PhysicalAddress.Truncate(Hexadecimal(name, PhysicalAddress.ValidMask));

    /// <summary>A guest physical address.</summary>
    internal GuestPhysicalAddress GuestAddress(string name) =>
        GuestPhysicalAddress.Truncate(Hexadecimal(name, GuestPhysicalAddress.ValidMask));

    /// <summary>An address of so many bits.</summary>
    internal ulong Hexadecimal(string name, ulong mask) => Hexadecimal(Next(name), name, mask);

    /// <summary>An address in a part of a field.</summary>
    internal ulong Hexadecimal(ReadOnlySpan<byte> field, string name, ulong mask)
    {
        if (TryHexadecimal(field, out ulong value) && value <= mask) return value;
        Fail(FieldFault.NoAddress, name, field, (ulong)(64 - ulong.LeadingZeroCount(mask)));
        return 0;
    }

    /// <summary>A number up to a limit.</summary>
    internal uint Number(string name, uint limit) => (uint)Number(Next(name), name, limit);

    /// <summary>A number in a part of a field.</summary>
    internal ulong Number(ReadOnlySpan<byte> field, string name, ulong limit)
    {
        bool parsed = HasPrefix(field)
            ? TryHexadecimal(field, out ulong value)
            : Utf8Parser.TryParse(field, out value, out int consumed) && consumed == field.Length;
        if (parsed && value <= limit) return value;
        Fail(FieldFault.NoNumber, name, field, limit);
        return 0;
    }

    /// <summary>0 or 1.</summary>
    internal bool Flag(string name) => Number(name, 1) != 0;

    /// <summary>4k or 2m.</summary>
    internal PageSize RmpSize(string name)
    {
        ReadOnlySpan<byte> field = Next(name);
        if (TrySize(field, out PageSize size) && size != PageSize.Size1G) return size;
        Fail(FieldFault.NoSuchWord, "4k or 2m", field);
        return default;
    }

    /// <summary>4k, 2m or 1g.</summary>
    internal PageSize Size(string name)
    {
        ReadOnlySpan<byte> field = Next(name);
        if (!TrySize(field, out PageSize size)) Fail(FieldFault.NoSuchWord, "4k, 2m or 1g", field);
        return size;
    }

    /// <summary>START-END in a part of a field: whole 4 KiB pages, END the last byte.</summary>
    internal PhysicalRange Range(ReadOnlySpan<byte> field)
    {
        int dash = field.IndexOf((byte)'-');
        if (dash >= 0
            && TryHexadecimal(field[..dash], out ulong start) && start <= PhysicalAddress.ValidMask
            && PhysicalAddress.Truncate(start).IsAligned(PageSize.Size4K)
            && TryHexadecimal(field[(dash + 1)..], out ulong last) && last <= PhysicalAddress.ValidMask && last > start
            && ((last + 1) & PageSize.Size4K.OffsetMask()) == 0)
        {
            return new PhysicalRange(PhysicalAddress.Truncate(start), last - start + 1);
        }

        Fail(FieldFault.NoSuchWord, "START-END of whole 4K pages, hexadecimal, END the last byte", field);
        return default;
    }

    /// <summary>Whether a field is a word, in any case.</summary>
    internal static bool Is(ReadOnlySpan<byte> field, ReadOnlySpan<byte> word) => Ascii.EqualsIgnoreCase(field, word);

    /// <summary>Reports that a field is not one of the permitted words.</summary>
    internal void NotAWord(string words, ReadOnlySpan<byte> field) => Fail(FieldFault.NoSuchWord, words, field);

    /// <summary>Says that the line is well-formed and yet not possible.</summary>
    internal void Refuse(string reason) => Fail(FieldFault.Refused, reason, default);

    private void Fail(FieldFault fault, string name, ReadOnlySpan<byte> text, ulong limit = 0)
    {
        if (Fault != FieldFault.None) return;
        Fault = fault;
        Name = name;
        Text = text;
        Limit = limit;
    }

    private static bool IsBlank(byte character) => character is (byte)' ' or (byte)'\t';

    private static bool HasPrefix(ReadOnlySpan<byte> field) => field.Length > 1 && field[0] == '0' && (field[1] | 0x20) == 'x';

    private static bool TryHexadecimal(ReadOnlySpan<byte> field, out ulong value)
    {
        ReadOnlySpan<byte> digits = HasPrefix(field) ? field[2..] : field;
        value = 0;
        foreach (byte character in digits)
        {
            if (!char.IsAsciiHexDigit((char)character) || value >> (64 - HexDigitBits) != 0) return false;
            value = (value << HexDigitBits) | (uint)(character <= '9' ? character - '0' : (character | 0x20) - 'a' + 10);
        }

        return !digits.IsEmpty;
    }

    private static bool TrySize(ReadOnlySpan<byte> field, out PageSize size)
    {
        size = default;
        if (field.Length != 2) return false;
        switch (field[0], field[1] | 0x20)
        {
            case ((byte)'4', 'k'):
                return true;
            case ((byte)'2', 'm'):
                size = PageSize.Size2M;
                return true;
            case ((byte)'1', 'g'):
                size = PageSize.Size1G;
                return true;
            default:
                return false;
        }
    }
}
