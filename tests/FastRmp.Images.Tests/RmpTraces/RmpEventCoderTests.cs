using System;
using Xunit;

namespace FastRmp.Images.Tests.RmpTraces;

/// <summary>Whether a record is read at once or field by field makes no difference.</summary>
public sealed class RmpEventCoderTests
{
    [Fact]
    public void Records_are_read_the_same_whatever_is_behind_them()
    {
        Random random = new(31);
        byte[] bytes = new byte[RmpEventCoder.QuickBytes];
        int events = 0;
        for (int round = 0; round < 200_000; round++)
        {
            // Few bytes that go on, so that most numbers end; all lengths up to the longest, and beyond.
            int density = random.Next(1, 9);
            foreach (ref byte one in bytes.AsSpan())
            {
                one = (byte)(random.Next(density) == 0 ? random.Next(256) : random.Next(128));
            }

            if (random.Next(2) == 0) bytes.AsSpan(random.Next(2, 8), random.Next(1, 60)).Fill(0xFF);
            RmpEventCoder quick = default;
            RmpEventCoder slow = default;
            string? quickly = quick.Decode(bytes, 3, out RmpRecord left, out int length);
            string? slowly = slow.Decode(bytes.AsSpan(0, bytes.Length - 1), 3, out RmpRecord right, out int slowLength);
            Assert.Equal((slowly, slowLength), (quickly, length));
            if (slowly is not null) continue;
            Assert.Equal(right.ToEvent(["a", "b", "c"]), left.ToEvent(["a", "b", "c"]));
            Assert.Equal(slow, quick);
            events++;
        }

        Assert.InRange(events, 10_000, int.MaxValue);
    }
}
