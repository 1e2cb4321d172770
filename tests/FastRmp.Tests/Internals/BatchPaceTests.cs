using FastRmp.Internals;
using Xunit;

namespace FastRmp.Tests.Internals;

/// <summary>When a batch measures which way is faster, and what follows.</summary>
public sealed class BatchPaceTests
{
    [Fact]
    public void A_thread_begins_with_a_sample_and_walks_together_until_one_was_large_enough()
    {
        BatchPace pace = default;
        Assert.True(pace.IsDue);
        Assert.False(pace.IsOneByOne);
        Assert.Equal(int.MaxValue, pace.Left);
        pace.Spend(1_000_000);
        Assert.True(pace.IsDue);
    }

    [Theory]
    [InlineData(100, 99, true)]
    [InlineData(100, 100, false)]
    [InlineData(99, 100, false)]
    [InlineData(0, 0, false)]
    public void The_faster_way_is_taken_and_the_tie_goes_to_the_group(long together, long oneByOne, bool isOneByOne)
    {
        BatchPace pace = default;
        pace.Decide(together, oneByOne);
        Assert.False(pace.IsOneByOne);
        Assert.Equal(isOneByOne, pace.IsDue); // a second opinion
        if (isOneByOne) pace.Decide(together, oneByOne);
        Assert.Equal(isOneByOne, pace.IsOneByOne);
        Assert.False(pace.IsDue);
    }

    [Fact]
    public void One_sample_that_was_interrupted_changes_nothing()
    {
        BatchPace pace = default;
        pace.Decide(10, 50);
        Assert.Equal(1024, Spend(ref pace));
        pace.Decide(5000, 50);
        Assert.True(pace.IsDue);
        pace.Decide(10, 50);
        Assert.False(pace.IsOneByOne);
        Assert.Equal(2048, Spend(ref pace));
        pace.Decide(5000, 50);
        pace.Decide(10, 50);
        Assert.False(pace.IsOneByOne);
    }

    [Fact]
    public void Samples_get_rarer_while_nothing_changes_and_frequent_when_it_does()
    {
        BatchPace pace = default;
        pace.Decide(100, 50);
        foreach (int interval in (int[])[1024, 2048, 4096, 8192, 8192])
        {
            pace.Decide(100, 50);
            Assert.Equal(interval, Spend(ref pace));
            Assert.True(pace.IsOneByOne);
        }

        pace.Decide(50, 100);
        pace.Decide(50, 100);
        Assert.False(pace.IsOneByOne);
        Assert.Equal(1024, Spend(ref pace));
    }

    [Fact]
    public void A_second_opinion_begins_with_the_other_way()
    {
        BatchPace pace = default;
        bool first = pace.BeginsTogether;
        pace.Decide(100, 50);
        Assert.NotEqual(first, pace.BeginsTogether);
    }

    [Fact]
    public void Samples_of_small_work_decide_together_when_they_are_enough()
    {
        BatchPace pace = default;
        for (int opinion = 0; opinion < 2; opinion++)
        {
            pace.Decide(10, 50, sampled: 16, enough: 48);
            pace.Decide(100, 50, sampled: 16, enough: 48);
            Assert.True(pace.IsDue);
            Assert.False(pace.IsOneByOne);
            pace.Decide(100, 50, sampled: 16, enough: 48);
        }

        Assert.True(pace.IsOneByOne);
        Assert.Equal(1024, Spend(ref pace));
    }

    private static int Spend(ref BatchPace pace)
    {
        int walks = 0;
        for (; !pace.IsDue; walks += 32)
        {
            Assert.InRange(pace.Left, 1, 8192);
            pace.Spend(32);
        }

        return walks;
    }
}
