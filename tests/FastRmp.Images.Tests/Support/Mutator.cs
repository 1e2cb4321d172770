using System;

namespace FastRmp.Images.Tests.Support;

/// <summary>Damages bytes as disks, transfers and people do: flipped bits, overwritten words, cuts, splices, zeroed runs.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly ulong[] Interesting =
        [
            0, 1, 2, 4, 7, 8, 0x7F, 0x80, 0xFF, 0xFFF, 0x1000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xF_FFFF_FFFF_FFFF,
            0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_F000, ulong.MaxValue,
        ];

    private readonly Random _random = new(seed);

    /// <param name="original">Left as it is.</param>
    /// <param name="head">Most damage goes into so many bytes at the beginning, where headers are.</param>
    internal byte[] Mutate(ReadOnlySpan<byte> original, int head)
    {
        byte[] bytes = original.ToArray();
        for (int times = _random.Next(1, 5); times > 0; times--)
        {
            bytes = MutateOnce(bytes, Math.Min(head, bytes.Length));
        }

        return bytes;
    }

    private byte[] MutateOnce(byte[] bytes, int head)
    {
        if (bytes.Length < 16) return bytes;
        int at = _random.Next(_random.Next(4) != 0 && head > 0 ? head : bytes.Length);
        int length = Math.Min(_random.Next(1, 64), bytes.Length - at);
        switch (_random.Next(7))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                _random.NextBytes(bytes.AsSpan(at, length));
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return [.. bytes[..at], .. bytes[(at + length)..]];
            case 4:
                int from = _random.Next(bytes.Length - length);
                return [.. bytes[..at], .. bytes[from..(from + length)], .. bytes[at..]];
            case 5:
                bytes.AsSpan(at, length).Fill(_random.Next(2) == 0 ? (byte)0 : (byte)0xFF);
                return bytes;
            default:
                BitConverter.TryWriteBytes(
                    bytes.AsSpan(Math.Min(at & ~3, bytes.Length - 8)), Interesting[_random.Next(Interesting.Length)]);
                return bytes;
        }
    }
}
