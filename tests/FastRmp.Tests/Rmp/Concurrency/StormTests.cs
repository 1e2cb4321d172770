using System.Threading;
using FastRmp.Model;
using Xunit;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>Threads that change a table without a plan while others read it: what no schedule may show, and what is left when it is over.</summary>
[Collection(AloneDefinition.Name)]
public sealed class StormTests
{
    [Theory]
    [InlineData(11, 1, 2, 2, 300_000, ContentionCode.FailInUse)]
    [InlineData(12, 1, 4, 1, 150_000, ContentionCode.FailOverlap)]
    [InlineData(13, 64, 2, 2, 300_000, ContentionCode.FailInUse)]
    [InlineData(14, 64, 3, 1, 200_000, ContentionCode.FailOverlap)]
    public void Readers_never_see_what_cannot_be_and_the_table_comes_to_rest_whole(int seed, int regions, int writers, int readers, int steps, ContentionCode code)
    {
        using StormWorld world = new(regions, code);
        StormWriter[] storm = new StormWriter[writers];
        Thread[] threads = new Thread[writers + readers];
        StormReader[] watch = new StormReader[readers];
        for (int i = 0; i < writers; i++)
        {
            StormWriter writer = new(world, i, seed);
            storm[i] = writer;
            threads[i] = new Thread(() => writer.Run(steps));
        }

        for (int i = 0; i < readers; i++)
        {
            StormReader reader = new(world, seed + i);
            watch[i] = reader;
            threads[writers + i] = new Thread(reader.Run);
        }

        foreach (Thread thread in threads)
        {
            thread.Start();
        }

        for (int i = 0; i < writers; i++)
        {
            threads[i].Join();
        }

        world.IsOver = true;
        for (int i = writers; i < threads.Length; i++)
        {
            threads[i].Join();
        }

        foreach (StormReader reader in watch)
        {
            Assert.Null(reader.Complaint);
            Assert.True(reader.Looks > 1000, $"{reader.Looks} looks");
        }

        foreach (StormWriter writer in storm)
        {
            Assert.Null(writer.Complaint);
            Assert.True(writer.Successes > steps / 20, $"{writer.Successes} of {steps} steps took effect");
        }

        world.RequireRest();
    }
}
