using System.Collections.Generic;
using FastRmp.Images.Study;
using Xunit;

namespace FastRmp.Images.Tests.Study;

public class ConversionsTests
{
    private const long Millisecond = 1_000_000;
    private const long Second = 1000 * Millisecond;

    [Fact]
    public void Lazy_memory_is_private_after_a_delay_and_a_launched_page_at_once()
    {
        Host host = new();
        Conversions guests = new(Model("linux,launch=4K,delay=5,swiotlb=0,boot-rate=0,rate=0,io=0,balloon=0"), host, isExact: true);
        guests.Until(Second);
        guests.Allocated(1, 512, 512, 0, isLarge: true);
        Assert.Equal(["write launch 512+1", "private 1 512+512 gpa 0 large new"], host.Taken());
        guests.Allocated(1, 1024, 512, 0x20_0000, isLarge: true);
        guests.Until(Second + (5 * Millisecond) - 1);
        Assert.Empty(host.Taken());
        guests.Until(Second + (5 * Millisecond));
        Assert.Equal(["private 1 1024+512 gpa 200000 large new"], host.Taken());
        Assert.Equal(2, guests.Counts.Accepted);
    }

    [Fact]
    public void What_is_released_is_never_converted()
    {
        foreach (bool isExact in (bool[])[true, false])
        {
            Host host = new();
            Conversions guests = new(Model("linux,launch=0,delay=5,io=1000,boot-rate=1000"), host, isExact);
            guests.Allocated(1, 512, 16, 0, isLarge: false);
            guests.Freed(isExact ? 512UL : 520, isExact ? 16UL : 1);
            guests.Until(100 * Second);
            Assert.Empty(host.Taken());
        }
    }

    [Fact]
    public void A_guest_shares_pages_of_its_own_and_takes_them_back()
    {
        Host host = new();
        Conversions guests = new(Model("eager,launch=0,swiotlb=0,io=0,balloon=0,boot=1,boot-rate=100,rate=0,pages=4"), host, isExact: true);
        guests.Allocated(3, 512, 64, 0x1000, isLarge: false);
        _ = host.Taken();
        guests.Until(60 * Second);
        Assert.InRange(guests.Counts.ToShared, 5, 200);
        Assert.Equal(guests.Counts.ToShared, guests.Counts.ToPrivate);
        List<string> taken = host.Taken();
        for (int i = 0; i < taken.Count; i += 3)
        {
            string range = taken[i].Split(' ')[1];
            Assert.StartsWith("shared", taken[i], System.StringComparison.Ordinal);
            Assert.Equal($"write shared {range}", taken[i + 1]);
            Assert.StartsWith($"private 3 {range} gpa ", taken[i + 2], System.StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bounce_buffers_balloons_save_areas_and_smashed_entries_are_counted()
    {
        Host host = new();
        Conversions guests = new(Model("storm,launch=0,swiotlb=10,io=10,balloon=1,vcpus=2,rate=0"), host, isExact: true);
        for (ulong region = 0; region < 20; region++)
        {
            guests.Allocated(1, region * 512, 512, region << 21, isLarge: true);
        }

        Assert.True(guests.TakesVmsa(1, 20_000));
        Assert.True(guests.TakesVmsa(1, 20_001));
        Assert.False(guests.TakesVmsa(1, 20_002));
        Assert.False(guests.TakesVmsa(2, 20_003));
        guests.Until(20 * Second);
        ConversionCounts counts = guests.Counts;
        Assert.Equal((20L, 2L, 2 * 512L), (counts.Smashes, counts.Vmsas, counts.SwiotlbPages));
        Assert.InRange(counts.Balloons, 3, 40);
        Assert.InRange(counts.Writes["swiotlb"], 100, 400);
        Assert.Equal(2, counts.Writes["vmsa"]);
    }

    [Theory]
    [InlineData("windows", "'windows' is no model; there are linux, eager, storm")]
    [InlineData("linux,launch", "'launch' is not KEY=VALUE")]
    [InlineData("linux,pages=513", "'pages=513' is not a number from 1 to 512")]
    [InlineData("linux,io=-1", "'io=-1' is not a number from 0 to 1000000000")]
    public void What_is_wrong_is_said(string text, string problem)
    {
        Assert.Null(ConversionModel.Parse(text, 1, out string? said));
        Assert.Equal(problem, said);
    }

    private static ConversionModel Model(string text)
    {
        ConversionModel? model = ConversionModel.Parse(text, 1, out string? problem);
        Assert.Null(problem);
        return model!;
    }

    private sealed class Host : IConversionHost
    {
        private List<string> _taken = [];

        internal List<string> Taken()
        {
            List<string> taken = _taken;
            _taken = [];
            return taken;
        }

        public void At(long nanoseconds)
        {
        }

        public void MakePrivate(uint owner, ulong frame, ulong pages, ulong gpa, bool mayBeLarge, bool isNew) => _taken.Add(
            $"private {owner} {frame}+{pages} gpa {gpa:x}{(mayBeLarge ? " large" : string.Empty)}{(isNew ? " new" : string.Empty)}");

        public void MakeShared(ulong frame, ulong pages) => _taken.Add($"shared {frame}+{pages}");

        public void SmashRegion(ulong frame) => _taken.Add($"smash {frame}");

        public void HostWrite(ulong frame, ulong pages, string kind) => _taken.Add($"write {kind} {frame}+{pages}");
    }
}
