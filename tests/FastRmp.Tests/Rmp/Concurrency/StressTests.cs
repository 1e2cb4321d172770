using Xunit;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>
/// Threads that change a table without a plan while others read it: what no schedule may show, and what is left when it is over.
/// </summary>
[Collection(AloneDefinition.Name)]
public sealed class StressTests
{
    [Theory]
    [InlineData(11, 1, 2, 2, 300_000, ContentionCode.FailInUse)]
    [InlineData(12, 1, 4, 1, 150_000, ContentionCode.FailOverlap)]
    [InlineData(13, 64, 2, 2, 300_000, ContentionCode.FailInUse)]
    [InlineData(14, 64, 3, 1, 200_000, ContentionCode.FailOverlap)]
    public void Readers_never_see_an_impossible_entry_and_the_table_ends_consistent(
        int seed, int regions, int writers, int readers, int steps, ContentionCode code)
    {
        using StressedTable stressed = new(regions, writers, code);
        StressRun run = new(stressed, readers, seed);
        run.Run(steps);
        Assert.Null(run.Complaint);
        foreach (StressReader reader in run.Readers)
        {
            Assert.True(reader.Looks > 1000, $"{reader.Looks} looks");
        }

        foreach (StressWriter writer in run.Writers)
        {
            Assert.True(writer.Successes > steps / 20, $"{writer.Successes} of {steps} steps took effect");
        }

        stressed.RequireRest();
    }
}
