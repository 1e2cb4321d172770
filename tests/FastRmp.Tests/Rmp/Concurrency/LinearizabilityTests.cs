using System;
using System.Collections.Generic;
using Xunit;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>Whatever threads do at the same time has an explanation in which they did it one after the other.</summary>
[Collection(AloneDefinition.Name)]
public sealed class LinearizabilityTests
{
    [Theory]
    [InlineData(1, 2, 4, 1500, ContentionCode.FailInUse)]
    [InlineData(2, 2, 40, 300, ContentionCode.FailOverlap)]
    [InlineData(3, 3, 3, 1500, ContentionCode.FailInUse)]
    [InlineData(4, 3, 30, 300, ContentionCode.FailOverlap)]
    [InlineData(5, 4, 3, 1000, ContentionCode.FailInUse)]
    [InlineData(6, 4, 20, 300, ContentionCode.FailOverlap)]
    public void Programs_on_one_region_are_linearizable(int seed, int threads, int length, int rounds, ContentionCode code)
    {
        RandomPrograms random = new(seed);
        Rules rules = new(code);
        using ConcurrentRunner runner = new(threads, rules.Choices);
        for (int round = 0; round < rounds; round++)
        {
            List<Step> prefix = random.Prefix();
            List<List<Step>> programs = [];
            for (int i = 0; i < threads; i++)
            {
                programs.Add(random.Program(length));
            }

            List<Call> calls = runner.Run(prefix, programs);
            string? complaint = new Linearizer(rules.MakeReference, runner.Table, RandomPrograms.Pages, prefix).Explain(calls);
            if (complaint is not null) Assert.Fail($"seed {seed}, round {round}: {complaint}");
        }
    }

    [Fact]
    public void A_lost_update_would_be_found()
    {
        using ModelPair pair = new(1, ProcessorModel.Genoa, ModelChoices.Default);
        Step assign = new(StepKind.Update, 0x1000, Operands.Assign(0x1000, 1));
        Step release = new(StepKind.Update, 0x1000, Operands.Release());
        Call first = new(0, assign) { Start = 1, End = 3, Outcome = assign.Execute(pair.Table) };
        Call second = new(1, assign) { Start = 2, End = 4, Outcome = default };
        Assert.Null(Check(pair, first, second));

        // In time order the release comes last; a table that still has the page lost it.
        Call late = new(1, release) { Start = 4, End = 5, Outcome = default };
        Assert.Contains("no order", Check(pair, first, late), StringComparison.Ordinal);

        // Overlapping, the release may have come first.
        Assert.Null(Check(pair, first, new Call(1, release) { Start = 2, End = 5, Outcome = default }));

        // Contention without another thread.
        Step held = new(StepKind.Update, 0x1000, Operands.Release());
        Call alone = new(1, held) { Start = 4, End = 5, Outcome = new Outcome(RmpResult.Contended(RmpStatus.FailInUse)) };
        Assert.Contains("no other update", Check(pair, first, alone), StringComparison.Ordinal);

        // A fault beside an update may be spurious, but never an access that went through.
        Step access = new(StepKind.Access, 0x1000);
        Assert.Contains(
            "no order", Check(pair, first, new Call(1, access) { Start = 4, End = 5, Outcome = new Outcome(IsOwned: true) }),
            StringComparison.Ordinal);
        Assert.Null(Check(pair, first, new Call(1, access) { Start = 4, End = 5, Outcome = default }));
    }

    private static string? Check(ModelPair pair, params List<Call> calls) =>
        new Linearizer(pair.MakeReference, pair.Table, RandomPrograms.Pages, []).Explain(calls);
}
