using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using System.Threading;

namespace FastRmp.Images;

/// <summary>The list of symbols that a running kernel has of itself, by the tables behind <c>/proc/kallsyms</c>, which VMCOREINFO tells the
/// place of since Linux 6.0.</summary>
/// <remarks>
/// <para>A name is a length (two bytes if the first has its top bit set, seven bits in the first) and that many numbers of tokens, whose
/// texts together are the kind and the name. An address is a number of 32 bits: newer kernels count it from the number's own place, older
/// ones from a base, and those of up to 6.14 keep the addresses of processors' own variables as they are, and all others as negative
/// numbers. Which of them it is, <c>_stext</c> decides. Source: the format that Linux scripts/kallsyms.c writes.</para>
/// <para>The tables are not trusted: numbers in them bound no memory by themselves.</para>
/// </remarks>
internal sealed class KallsymsTables
{
    private const int MostSymbols = 4 << 20;
    private const int LongestName = 1024;
    private const int Tokens = 256;
    private const int TokenBytes = (64 << 10) + LongestName;
    private const int ChunkBytes = 64 << 10;
    private const byte LongLength = 0x80;
    private const int LengthBits = 7;
    private const string Absent = "has not all of the kernel's list of symbols (kallsyms): pages of it are missing";
    private const string Damaged = "has a damaged list of the kernel's symbols (kallsyms)";

    private readonly KernelMemory _memory;
    private readonly byte[] _index = new byte[Tokens * sizeof(ushort)];
    private readonly byte[] _tokens = new byte[TokenBytes];
    private readonly byte[] _name = new byte[LongestName];

    private KallsymsTables(KernelMemory memory) => _memory = memory;

    /// <summary>Reads the tables.</summary>
    /// <param name="image">The image.</param>
    /// <param name="text">Lines of address, kind and name, or null.</param>
    /// <param name="reason">Why there are none, a sentence without its subject, or null.</param>
    /// <param name="cancellation">Ends the search for the kernel's notes, and the reading.</param>
    internal static bool TryRead(
        MemoryImage image, [NotNullWhen(true)] out byte[]? text, [NotNullWhen(false)] out string? reason, CancellationToken cancellation)
    {
        text = null;
        if (KernelMemory.Of(image, cancellation) is not { } memory)
        {
            reason = "has no VMCOREINFO that names the kernel's tables";
            return false;
        }

        reason = new KallsymsTables(memory).Read(image.VmCoreInfo!, cancellation, out text);
        return text is not null;
    }

    private string? Read(VmCoreInfo notes, CancellationToken cancellation, out byte[]? text)
    {
        text = null;
        if (!notes.TryGetSymbol("kallsyms_names", out ulong names) || !notes.TryGetSymbol("kallsyms_num_syms", out ulong number)
            || !notes.TryGetSymbol("kallsyms_token_table", out ulong tokens) || !notes.TryGetSymbol("kallsyms_token_index", out ulong index)
            || !notes.TryGetSymbol("kallsyms_offsets", out ulong offsets) || !notes.TryGetSymbol("_stext", out ulong start))
        {
            return "has a VMCOREINFO that does not name the kernel's list of symbols (kallsyms_names and others, since Linux 6.0)";
        }

        ulong origin = 0;
        bool hasOrigin = notes.TryGetSymbol("kallsyms_relative_base", out ulong relative);
        if (!_memory.TryRead(number, out ulong count) || (hasOrigin && !_memory.TryRead(relative, out origin))
            || _memory.Read(index, _index) != _index.Length)
        {
            return Absent;
        }

        count = (uint)count;
        if (count is 0 or > MostSymbols)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has a list of {count} symbols, which is none");
        }

        int read = _memory.Read(tokens, _tokens); // what follows the table need not be there
        return Names(names, offsets, (int)count, hasOrigin ? origin : null, start, _tokens.AsSpan(0, read), cancellation, out text);
    }

    private string? Names(
        ulong place, ulong offsets, int count, ulong? origin, ulong start, ReadOnlySpan<byte> tokens, CancellationToken cancellation,
        out byte[]? text)
    {
        text = null;
        using MemoryStream lines = new();
        List<int> ends = [];
        List<int> values = [];
        Reader names = new(_memory, place);
        Reader numbers = new(_memory, offsets);
        int first = -1;
        Span<byte> four = stackalloc byte[sizeof(int)];
        for (int i = 0; i < count; i++)
        {
            if ((i & 0xFFFF) == 0) cancellation.ThrowIfCancellationRequested();
            if (!names.TryByte(out byte low)) return Absent;
            int length = low;
            if ((low & LongLength) != 0)
            {
                if (!names.TryByte(out byte high)) return Absent;
                length = (low & ~LongLength) | (high << LengthBits);
            }

            int bytes = 0;
            for (int j = 0; j < length; j++)
            {
                if (!names.TryByte(out byte token)) return Absent;
                if (!TryExpand(tokens, token, ref bytes)) return Damaged;
            }

            if (bytes < 2) return Damaged;
            for (int j = 0; j < four.Length; j++)
            {
                if (!numbers.TryByte(out four[j])) return Absent;
            }

            values.Add(BinaryPrimitives.ReadInt32LittleEndian(four));
            if (first < 0 && _name.AsSpan(1, bytes - 1).SequenceEqual("_stext"u8)) first = i;
            lines.Write(_name, 0, bytes);
            ends.Add((int)lines.Length);
        }

        if (first < 0) return "has a list of the kernel's symbols without _stext, by which it would be known what its numbers mean";
        Func<int, ulong>? address = null;
        foreach (Func<int, ulong> way in Ways(values, offsets, origin))
        {
            if (way(first) == start) address ??= way;
        }

        if (address is null)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"has a list of the kernel's symbols in which _stext is not at 0x{start:x}, as VMCOREINFO says");
        }

        text = Lines(lines.GetBuffer(), ends, address);
        return null;
    }

    /// <summary>The ways in which kernels keep the address of a symbol.</summary>
    private static Func<int, ulong>[] Ways(List<int> values, ulong offsets, ulong? origin) => origin is { } start
        ?
        [
            number => values[number] >= 0 ? (ulong)values[number] : start - 1 - (ulong)(long)values[number],
            number => start + (uint)values[number],
        ]
        : [number => offsets + ((ulong)number * sizeof(int)) + (ulong)(long)values[number]];

    private static byte[] Lines(byte[] names, List<int> ends, Func<int, ulong> address)
    {
        using MemoryStream text = new();
        Span<byte> head = stackalloc byte[17];
        for (int i = 0; i < ends.Count; i++)
        {
            int from = i == 0 ? 0 : ends[i - 1];
            address(i).TryFormat(head, out _, "x16", CultureInfo.InvariantCulture);
            head[16] = (byte)' ';
            text.Write(head);
            text.WriteByte(names[from]);
            text.WriteByte((byte)' ');
            text.Write(names, from + 1, ends[i] - from - 1);
            text.WriteByte((byte)'\n');
        }

        return text.ToArray();
    }

    /// <summary>Appends a token's text, printable and without blanks, to the name.</summary>
    private bool TryExpand(ReadOnlySpan<byte> tokens, byte token, ref int bytes)
    {
        int at = BinaryPrimitives.ReadUInt16LittleEndian(_index.AsSpan(token * sizeof(ushort)));
        for (; at < tokens.Length && tokens[at] != 0; at++)
        {
            if (bytes == LongestName || tokens[at] is <= 0x20 or >= 0x7F) return false;
            _name[bytes++] = tokens[at];
        }

        return at < tokens.Length;
    }

    /// <summary>Bytes of the kernel's memory one after the other.</summary>
    private sealed class Reader(KernelMemory memory, ulong place)
    {
        private readonly byte[] _chunk = new byte[ChunkBytes];
        private int _at;
        private int _end;

        internal bool TryByte(out byte value)
        {
            value = 0;
            if (_at == _end)
            {
                _end = memory.Read(place, _chunk);
                place += (uint)_end;
                _at = 0;
                if (_end == 0) return false;
            }

            value = _chunk[_at++];
            return true;
        }
    }
}
