using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>Decompresses one zlib stream (RFC 1950, RFC 1951) of a page.</summary>
/// <remarks>
/// <para>.NET reads zlib only as a stream, which would allocate an inflater of tens of KiB for each page. Whole files go through it all the
/// same (<see cref="GunzipStream"/>).</para>
/// <para>For one thread: the code tables are kept from one call to the next. Any input gives bytes inside the destination, or a
/// refusal.</para>
/// </remarks>
internal sealed class InflateDecoder
{
    private const int HeaderBytes = 2;
    private const int TrailerBytes = 4;
    private const int MaxLiterals = 288;
    private const int MaxDistances = 32;
    private const int EndOfBlock = 256;

    private readonly HuffmanTable _literals = new(MaxLiterals, fastBits: 10);
    private readonly HuffmanTable _distances = new(MaxDistances, fastBits: 8);
    private readonly HuffmanTable _lengths = new(19, fastBits: 7);
    private readonly byte[] _codeLengths = new byte[MaxLiterals + MaxDistances];

    private static ReadOnlySpan<ushort> LengthBase =>
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtra =>
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
    [
        1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
        16385, 24577,
    ];

    private static ReadOnlySpan<byte> DistanceExtra =>
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    private static ReadOnlySpan<byte> LengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    /// <summary>Decompresses a stream.</summary>
    /// <param name="source">The stream, with header and checksum; what follows is passed over.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many; −1 if the stream is damaged, or larger than the destination.</returns>
    internal int Decompress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        const int Deflate = 8;
        const int Dictionary = 0x20;
        if (source.Length < HeaderBytes + TrailerBytes || (source[0] & 0xF) != Deflate || (source[1] & Dictionary) != 0
            || BinaryPrimitives.ReadUInt16BigEndian(source) % 31 != 0)
        {
            return -1;
        }

        BitReader bits = new(source[HeaderBytes..]);
        int output = 0;
        bool isLast;
        do
        {
            isLast = bits.Take(1) != 0;
            bool isWhole = bits.Take(2) switch
            {
                0 => TryStored(ref bits, destination, ref output),
                1 => TryFixed() && TryBlock(ref bits, destination, ref output),
                2 => TryDynamic(ref bits) && TryBlock(ref bits, destination, ref output),
                _ => false,
            };
            if (!isWhole || bits.IsOverrun) return -1;
        }
        while (!isLast);
        return bits.TryTakeBytes(TrailerBytes, out ReadOnlySpan<byte> trailer)
            && BinaryPrimitives.ReadUInt32BigEndian(trailer) == Adler32.Of(destination[..output]) ? output : -1;
    }

    private static bool TryStored(ref BitReader bits, Span<byte> destination, ref int output)
    {
        if (!bits.TryTakeBytes(2 * sizeof(ushort), out ReadOnlySpan<byte> lengths)) return false;
        ushort length = BinaryPrimitives.ReadUInt16LittleEndian(lengths);
        if (length != (ushort)~BinaryPrimitives.ReadUInt16LittleEndian(lengths[sizeof(ushort)..])) return false;
        if (length > destination.Length - output || !bits.TryTakeBytes(length, out ReadOnlySpan<byte> stored)) return false;
        stored.CopyTo(destination[output..]);
        output += length;
        return true;
    }

    private bool TryFixed()
    {
        Span<byte> lengths = _codeLengths.AsSpan(0, MaxLiterals);
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        if (!_literals.TryBuild(lengths)) return false;
        lengths[..MaxDistances].Fill(5);
        return _distances.TryBuild(lengths[..MaxDistances]);
    }

    private bool TryDynamic(ref BitReader bits)
    {
        int literals = (int)bits.Take(5) + 257;
        int distances = (int)bits.Take(5) + 1;
        int ordered = (int)bits.Take(4) + 4;
        if (literals > MaxLiterals || bits.IsOverrun) return false;
        Span<byte> lengths = _codeLengths;
        lengths[..LengthOrder.Length].Clear();
        for (int index = 0; index < ordered; index++)
        {
            lengths[LengthOrder[index]] = (byte)bits.Take(3);
        }

        if (!_lengths.TryBuild(lengths[..LengthOrder.Length])) return false;
        int total = literals + distances;
        for (int index = 0; index < total;)
        {
            int symbol = _lengths.Take(ref bits);
            if (symbol < 0 || bits.IsOverrun) return false;
            if (symbol < 16)
            {
                lengths[index++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && index == 0) return false;
            byte value = symbol == 16 ? lengths[index - 1] : (byte)0;
            int times = symbol == 16 ? 3 + (int)bits.Take(2) : symbol == 17 ? 3 + (int)bits.Take(3) : 11 + (int)bits.Take(7);
            if (times > total - index) return false;
            lengths.Slice(index, times).Fill(value);
            index += times;
        }

        return lengths[EndOfBlock] != 0 && _literals.TryBuild(lengths[..literals])
            && _distances.TryBuild(lengths.Slice(literals, distances));
    }

    private bool TryBlock(ref BitReader bits, Span<byte> destination, ref int output)
    {
        while (true)
        {
            int symbol = _literals.Take(ref bits);
            if (symbol < EndOfBlock)
            {
                if (symbol < 0 || output == destination.Length) return false;
                destination[output++] = (byte)symbol;
                continue;
            }

            if (symbol == EndOfBlock) return true;
            symbol -= EndOfBlock + 1;
            if (symbol >= LengthBase.Length) return false;
            int length = LengthBase[symbol] + (int)bits.Take(LengthExtra[symbol]);
            int far = _distances.Take(ref bits);
            if ((uint)far >= (uint)DistanceBase.Length) return false;
            int distance = DistanceBase[far] + (int)bits.Take(DistanceExtra[far]);
            if (bits.IsOverrun || !BackReference.TryCopy(destination, ref output, distance, length)) return false;
        }
    }
}
