using System.Collections.Generic;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Firmware;

/// <summary>
/// Random commands among random instructions in library and reference: statuses, entries, states and counters have to be the same.
/// </summary>
public sealed class FirmwareDifferentialTests
{
    private const int Worlds = 8;
    private const int Steps = 1500;

    public static TheoryData<string, string> Cases() => ChoiceCases.All();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Random_commands_do_what_the_reference_does(string preset, string choice)
    {
        Dictionary<string, int> successes = [];
        for (int seed = 0; seed < Worlds; seed++)
        {
            // Fixed pages never change again and accumulate in a run: many short runs.
            using RandomFirmwareCommands world = new(seed, ChoiceCases.Processor(preset), ChoiceCases.Choices(choice), successes);
            world.Run(Steps);
        }

        // The generator has to reach what it is for.
        Assert.Equal(24, successes.Count);
        foreach ((string command, int count) in successes)
        {
            Assert.True(count >= 3, $"{command} succeeded {count} times");
        }
    }
}
