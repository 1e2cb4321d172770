using System;
using System.Collections.Generic;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>The script that a failure prints is the sequence that failed: run as a script it leaves the same table.</summary>
public sealed class ScriptTextTests
{
    private const int Operations = 4_000;

    [Theory]
    [InlineData("genoa", false)]
    [InlineData("turin", false)]
    [InlineData("venice", true)]
    public void A_sequence_and_its_script_leave_the_same_table(string preset, bool segmented)
    {
        MachinePlan plan = new(preset, segmented, "default", IsEnabled: true);
        using IModels models = plan.Make();
        OperationSource source = new(seed: 7, plan, models);
        ReferenceScript script = new();
        foreach (string line in plan.Header())
        {
            Assert.True(script.Execute(line) is null or "ok");
        }

        int lines = 0;
        for (int i = 0; i < Operations; i++)
        {
            Operation operation = source.Next();
            string line = operation.ToString();
            if (line[0] == '#') continue; // no script says that

            // A script's firmware has a life of its own: an INIT, guests under launch. Here all of it is taken as done.
            if (operation.Kind is >= OperationKind.GctxCreate and <= OperationKind.SnpInit) continue;
            lines++;
            models.Run(operation);

            // A mark that is not there cannot be taken back: the only line of these that a script may refuse.
            string? result = script.Execute(line);
            if (result is null || result.StartsWith("error: line", StringComparison.Ordinal))
            {
                Assert.Equal(OperationKind.InUse, operation.Kind);
            }
        }

        Assert.InRange(lines, Operations / 2, Operations);
        int entries = 0;
        foreach (ReferenceRawEntry entry in script.Rmp.NonZeroEntries())
        {
            Assert.Equal(new RmpEntry(entry.Low, entry.High), models.Entry(entry.Spa));
            entries++;
        }

        Assert.InRange(entries, 20, int.MaxValue);
        foreach (ulong region in plan.Regions)
        {
            for (ulong page = region; page < region + ModelPair.RegionBytes && models.IsCovered(page); page += ModelPair.PageBytes)
            {
                ReferenceRawEntry expected = script.Rmp.ReadRaw(page);
                Assert.Equal(new RmpEntry(expected.Low, expected.High), models.Entry(page));
            }
        }
    }

    [Fact]
    public void A_sequence_is_cut_down_to_what_fails()
    {
        List<int> numbers = [];
        for (int i = 0; i < 1000; i++)
        {
            numbers.Add(i);
        }

        // Fails if 3 comes before 700, however much is between them.
        List<int> shrunk = Shrinker.Shrink(numbers, rest => rest.Contains(3) && rest.IndexOf(700) > rest.IndexOf(3), tries: 400);
        Assert.Equal([3, 700], shrunk);
    }
}
