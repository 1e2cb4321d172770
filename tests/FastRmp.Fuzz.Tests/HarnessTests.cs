using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Xunit;

namespace FastRmp.Fuzz.Tests;

/// <summary>The harness notices what a reader must not do.</summary>
public sealed class HarnessTests
{
    [Fact]
    public void An_exception_that_is_not_documented_is_a_failure()
    {
        FuzzFailure failure = Assert.Throws<FuzzFailure>(() => FuzzCheck.Run(
            new Made(static input => throw new InvalidOperationException("at " + input.Length)), [1, 2, 3]));
        Assert.Equal("made: InvalidOperationException: at 3", failure.Message);
    }

    [Fact]
    public void Memory_beyond_a_multiple_of_the_input_is_a_failure()
    {
        Made target = new(static input => new byte[(8 << 20) * input.Length].Length != 0);
        Assert.Contains("allocated", Assert.Throws<FuzzFailure>(() => FuzzCheck.Run(target, [1])).Message, StringComparison.Ordinal);
        Assert.True(FuzzCheck.Run(new Made(static input => new byte[1 << 10].Length != 0), [1]));
    }

    [Fact]
    public void A_campaign_finds_a_failure_once_and_keeps_its_input()
    {
        string folder = Path.Combine(Path.GetTempPath(), "fastrmp-fuzz-" + Guid.NewGuid().ToString("N"));
        try
        {
            using StringWriter errors = new();
            Made target = new(static input => input is [not 0, ..] ? throw new InvalidOperationException("x") : true);
            Campaign campaign = new(target, seed: 5, folder, errors);
            string figures = campaign.Run(TimeSpan.Zero, inputs: 2000);
            Assert.StartsWith("FAILURE made: InvalidOperationException: x", errors.ToString(), StringComparison.Ordinal);
            Assert.Equal(1, campaign.Failures);
            Assert.Equal(2000, campaign.Inputs);
            Assert.Contains(" 1 failures", figures, StringComparison.Ordinal);
            Assert.NotEqual(0, File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder, "*-failure-*")))[0]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Guarded_memory_holds_bytes_to_its_end()
    {
        using GuardedMemory memory = new(100);
        Assert.Equal(new byte[] { 1, 2, 3 }, memory.Hold([1, 2, 3]).ToArray());
        Assert.Equal(4096, memory.Last(4096).Length);
        Assert.Equal(3, memory.Last(1)[0]);
    }

    [Fact]
    public void Names_are_distinct_and_an_unknown_one_is_refused()
    {
        Assert.Equal(FuzzTargets.All.Count, FuzzTargets.All.Select(static target => target.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Throws<ArgumentException>(() => FuzzTargets.Named("none"));
    }

    private sealed class Made(Func<byte[], bool> read) : FuzzTarget
    {
        internal override string Name => "made";

        internal override int OrdinaryRounds => 0;

        internal override bool Read(byte[] input) => read(input);

        protected override IEnumerable<byte[]> MakeSeeds() => [new byte[32]];
    }
}
