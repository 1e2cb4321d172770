using System;

namespace FastRmp.Images;

/// <summary>A canonical Huffman code of deflate: short codes by one look-up, long ones bit by bit.</summary>
internal sealed class HuffmanTable
{
    private const int MaxBits = 15;
    private const int SymbolShift = 4;

    private readonly int _fastBits;
    private readonly ushort[] _fast; // symbol and length by the next bits; zero: a longer code, or none
    private readonly ushort[] _symbols; // in order of code
    private readonly ushort[] _counts = new ushort[MaxBits + 1];

    internal HuffmanTable(int symbols, int fastBits)
    {
        _fastBits = fastBits;
        _fast = new ushort[1 << fastBits];
        _symbols = new ushort[symbols];
    }

    /// <summary>Lays out the code of lengths, at most as many as the table has symbols.</summary>
    /// <returns>False if there are more codes than bits can tell apart.</returns>
    internal bool TryBuild(ReadOnlySpan<byte> lengths)
    {
        _counts.AsSpan().Clear();
        _fast.AsSpan().Clear();
        foreach (byte length in lengths)
        {
            _counts[length]++;
        }

        _counts[0] = 0;
        Span<ushort> place = stackalloc ushort[MaxBits + 2];
        Span<ushort> code = stackalloc ushort[MaxBits + 2];
        place.Clear();
        code.Clear();
        int left = 1;
        for (int bits = 1; bits <= MaxBits; bits++)
        {
            left = (left << 1) - _counts[bits];
            if (left < 0) return false;
            place[bits + 1] = (ushort)(place[bits] + _counts[bits]);
            code[bits + 1] = (ushort)((code[bits] + _counts[bits]) << 1);
        }

        for (int symbol = 0; symbol < lengths.Length; symbol++)
        {
            int bits = lengths[symbol];
            if (bits == 0) continue;
            _symbols[place[bits]++] = (ushort)symbol;
            uint own = code[bits]++;
            if (bits > _fastBits) continue;
            ushort entry = (ushort)((symbol << SymbolShift) | bits);
            for (uint index = Reverse(own, bits); index < (uint)_fast.Length; index += 1U << bits)
            {
                _fast[index] = entry;
            }
        }

        return true;
    }

    /// <summary>Takes the next symbol; −1 if the bits are no code.</summary>
    internal int Take(ref BitReader bits)
    {
        ulong next = bits.Peek();
        ushort entry = _fast[(int)(next & (ulong)(_fast.Length - 1))];
        if (entry == 0) return TakeLong(ref bits, next);
        bits.Skip(entry & ((1 << SymbolShift) - 1));
        return entry >> SymbolShift;
    }

    private int TakeLong(ref BitReader bits, ulong next)
    {
        int code = 0;
        int first = 0;
        int index = 0;
        for (int length = 1; length <= MaxBits; length++)
        {
            code |= (int)(next & 1);
            next >>= 1;
            int count = _counts[length];
            if (code - count < first)
            {
                bits.Skip(length);
                return _symbols[index + (code - first)];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        return -1;
    }

    private static uint Reverse(uint code, int bits)
    {
        uint reversed = 0;
        for (int bit = 0; bit < bits; bit++)
        {
            reversed = (reversed << 1) | ((code >> bit) & 1);
        }

        return reversed;
    }
}
