using Xunit;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>
/// Threads that change a table without a plan while others read it: what no schedule may show, and what is left when it is over.
/// </summary>
[Collection(AloneDefinition.Name)]
public sealed class StormTests
{
    [Theory]
    [InlineData(11, 1, 2, 2, 300_000, ContentionCode.FailInUse)]
    [InlineData(12, 1, 4, 1, 150_000, ContentionCode.FailOverlap)]
    [InlineData(13, 64, 2, 2, 300_000, ContentionCode.FailInUse)]
    [InlineData(14, 64, 3, 1, 200_000, ContentionCode.FailOverlap)]
    public void Readers_never_see_an_impossible_entry_and_the_table_ends_consistent(
        int seed, int regions, int writers, int readers, int steps, ContentionCode code)
    {
        using StormWorld world = new(regions, writers, code);
        Storm storm = new(world, readers, seed);
        storm.Run(steps);
        Assert.Null(storm.Complaint);
        foreach (StormReader reader in storm.Readers)
        {
            Assert.True(reader.Looks > 1000, $"{reader.Looks} looks");
        }

        foreach (StormWriter writer in storm.Writers)
        {
            Assert.True(writer.Successes > steps / 20, $"{writer.Successes} of {steps} steps took effect");
        }

        world.RequireRest();
    }
}
