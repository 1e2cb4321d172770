using System.Collections.Generic;
using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// Two regions, few pages of each, every operation with few operands: all short sequences, and every operation in as many states as a
/// minute allows.
/// </summary>
/// <remarks>
/// Together 170,000 states in which 17 million operations were made; all sequences of up to 6 or 7 operations are among them.
/// </remarks>
public sealed class StateSpaceTests
{
    [Theory]
    [InlineData("genoa", "default", 101, 100_000, 7)]
    [InlineData("venice", nameof(ModelChoices.RmpOptOnContiguous), 89, 40_000, 6)]
    [InlineData("milan", "all", 101, 30_000, 6)]
    public void Every_operation_in_every_state_does_what_the_reference_does(
        string preset, string choice, int operations, int states, int depth)
    {
        ProcessorModel processor = ChoiceCases.Processor(preset);
        List<Operation> alphabet = SmallAlphabet.Make(processor.HasRmpOpt);
        Assert.Equal(operations, alphabet.Count);
        using StateSpace world = new(processor, ChoiceCases.Choices(choice), alphabet);
        world.Explore(states);
        Assert.Equal((states, (long)operations * states, depth), (world.Expanded, world.Steps, world.Depth));
        Assert.InRange(world.States, 2 * states, int.MaxValue);
        Assert.Empty(world.OutcomeCounts.Missing(RequiredOutcomes.SmallOf(processor)));
    }
}
