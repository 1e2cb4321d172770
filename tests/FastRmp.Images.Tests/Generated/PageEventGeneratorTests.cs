using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace FastRmp.Images.Tests.Generated;

public class PageEventGeneratorTests
{
    private const string Small = "ram=2G,guests=3,hours=0.02,size=256M,life=0.002,host=4M,churn=100,small=5,mix=20,touch=2";

    [Theory]
    [InlineData(Small)]
    [InlineData("ram=2G,guests=2,hours=0.01,size=256M,life=0.002,host=4M,churn=50,backing=4K,touch=2")]
    [InlineData("ram=4G,guests=2,hours=0.01,size=1G,life=0.002,host=4M,churn=50,backing=1G,touch=2")]
    [InlineData("ram=1G,guests=3,hours=0.001,size=256M,life=0.001,host=0,churn=1000,hold=1,small=100,mix=100,touch=1")]
    public void No_page_has_two_owners_and_only_an_owner_releases(string text)
    {
        GeneratorModel model = Model(text, 1);
        Dictionary<ulong, (int Order, int Task)> blocks = [];
        bool[] isOwned = new bool[model.Regions * 512];
        ulong before = 0;
        foreach ((PageEvent one, ulong time) in Events(model))
        {
            Assert.InRange(time, System.Math.Max(1, before), (ulong)model.Nanoseconds);
            before = time;
            Assert.True(one.Frame + one.Pages <= (ulong)model.Regions * 512);
            Assert.Equal(0UL, one.Frame % one.Pages);
            if (one.Kind == PageEventKind.Allocation)
            {
                blocks.Add(one.Frame, (one.Order, one.Task));
                for (ulong page = one.Frame; page < one.Frame + one.Pages; page++)
                {
                    Own(isOwned, page, isNew: true);
                }
            }
            else
            {
                Assert.True(blocks.Remove(one.Frame, out (int Order, int Task) block));
                Assert.Equal((one.Order, one.Task), block);
                for (ulong page = one.Frame; page < one.Frame + one.Pages; page++)
                {
                    Own(isOwned, page, isNew: false);
                }
            }
        }

        Assert.NotEmpty(blocks);
    }

    [Fact]
    public void The_seed_decides()
    {
        const int Most = 5000;
        List<(PageEvent, ulong)> first = [.. Events(Model(Small, 1)).Take(Most)];
        Assert.Equal(first, [.. Events(Model(Small, 1)).Take(Most)]);
        Assert.NotEqual(first, [.. Events(Model(Small, 2)).Take(Most)]);
    }

    [Fact]
    public void Guests_come_and_go_beside_the_hosts_pages()
    {
        long guests = 0;
        long releases = 0;
        long mixed = 0;
        HashSet<ulong> single = [];
        foreach ((PageEvent one, _) in Events(Model(Small, 1)))
        {
            bool isGuest = one.Task != 0;
            if (isGuest && one.Order == 0) single.Add(one.Frame / 512);
            if (isGuest && one.IsMovable) guests++;
            if (isGuest && one.Kind == PageEventKind.Release) releases++;
            if (!isGuest && one.Kind == PageEventKind.Allocation && single.Contains(one.Frame / 512)) mixed++;
        }

        Assert.True(guests > 1000 && releases > 1000 && mixed > 100, $"{guests} {releases} {mixed}");
    }

    [Theory]
    [InlineData("ram", "'ram' is not KEY=VALUE")]
    [InlineData("rom=4G", "'rom' is no parameter; there are ram, guests, hours, size, life, touch, backing, small, host, churn, hold, mix")]
    [InlineData("ram=4X", "'ram=4X' is not a number from 1G to 16T")]
    [InlineData("ram=1M", "'ram=1M' is not a number from 1G to 16T")]
    [InlineData("mix=101", "'mix=101' is not a number from 0 to 100")]
    [InlineData("backing=8K", "backing: is 4K, 2M or 1G")]
    [InlineData("ram=1G,host=1G", "host: is less than ram")]
    public void What_is_wrong_is_said(string text, string problem)
    {
        Assert.Null(GeneratorModel.Parse(text, 1, out string? said));
        Assert.Equal(problem, said);
    }

    private static void Own(bool[] isOwned, ulong page, bool isNew)
    {
        if (isOwned[page] == isNew) Assert.Fail($"page {page} {(isNew ? "has an owner" : "has none")}");
        isOwned[page] = isNew;
    }

    private static GeneratorModel Model(string text, ulong seed)
    {
        GeneratorModel? model = GeneratorModel.Parse(text, seed, out string? problem);
        Assert.Null(problem);
        return model!;
    }

    private static IEnumerable<(PageEvent Event, ulong Time)> Events(GeneratorModel model)
    {
        PageEventGenerator generator = new(model);
        while (generator.TryNext(out PageEvent one, out ulong time))
        {
            yield return (one, time);
        }
    }
}
