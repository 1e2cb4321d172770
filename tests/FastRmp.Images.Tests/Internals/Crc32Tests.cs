using System;
using Xunit;

namespace FastRmp.Images.Tests.Internals;

public class Crc32Tests
{
    [Fact]
    public void The_check_value_of_the_standard_comes_out() => Assert.Equal(0xCBF4_3926U, Crc32.Append(0, "123456789"u8));

    [Fact]
    public void Pieces_give_what_the_whole_gives_and_what_bit_by_bit_gives()
    {
        byte[] bytes = new byte[300];
        new Random(3).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            uint expected = BitByBit(bytes.AsSpan(0, length));
            Assert.Equal(expected, Crc32.Append(0, bytes.AsSpan(0, length)));
            int middle = length / 3;
            Assert.Equal(expected, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, middle)), bytes.AsSpan(middle, length - middle)));
        }
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        uint value = uint.MaxValue;
        foreach (byte next in bytes)
        {
            value ^= next;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB8_8320U : value >> 1;
            }
        }

        return ~value;
    }
}
