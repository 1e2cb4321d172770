using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit;

namespace FastRmp.Schedules.Tests;

/// <summary>The Promela model in tests/model and the library end in the same ways: results and memory of every two updates.</summary>
public sealed class ModelOutcomesTests
{
    private const ulong Gpa = 0x4000_0000;

    /// <summary>Enough: the model, which has no bound, has no outcome that two switches do not lead to.</summary>
    private const int Switches = 2;

    private static readonly Dictionary<string, Step> Steps = new()
    {
        ["assign1"] = Assign(ScheduledRegion.First, 1),
        ["other1"] = Assign(ScheduledRegion.First, 2),
        ["release1"] = Release(ScheduledRegion.First),
        ["assign2"] = Assign(ScheduledRegion.Last, 1),
        ["release2"] = Release(ScheduledRegion.Last),
        ["assign"] = Assign(0, 1),
        ["release"] = Release(0),
        ["assignLarge"] = new(StepKind.Update, 0, Operands.Assign(Gpa, 1, PageSize.Size2M)),
        ["otherLarge"] = new(StepKind.Update, 0, Operands.Assign(Gpa, 2, PageSize.Size2M)),
        ["releaseLarge"] = new(StepKind.Update, 0, Operands.Release(PageSize.Size2M)),
        ["smash"] = new(StepKind.Smash, 0),
    };

    private static readonly Dictionary<string, string[]> States = new()
    {
        ["empty"] = [],
        ["first"] = ["assign1"],
        ["base"] = ["assign"],
        ["both"] = ["assign1", "assign2"],
        ["large"] = ["assignLarge"],
        ["smashed"] = ["assignLarge", "smash"],
    };

    [Fact]
    public void The_model_and_the_library_have_the_same_outcomes()
    {
        string[] names = [.. Steps.Keys];
        SortedSet<string> seen = new(StringComparer.Ordinal);
        using ScheduledRegion region = new(2);
        foreach ((string state, string[] prefix) in States)
        {
            Step[] before = Array.ConvertAll(prefix, name => Steps[name]);
            for (int i = 0; i < names.Length; i++)
            {
                for (int j = i; j < names.Length; j++)
                {
                    foreach (string outcome in region.Outcomes(Switches, before, Steps[names[i]], Steps[names[j]]))
                    {
                        string[] parts = outcome.Split('|');
                        seen.Add($"{state}: {names[i]} {parts[0]}, {names[j]} {parts[1]} -> {parts[2]}");
                    }
                }
            }
        }

        string[] listed = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "outcomes.txt"));
        Assert.Empty(seen.Except(listed));
        Assert.Empty(listed.Except(seen));
    }

    private static Step Assign(ulong page, uint asid) => new(StepKind.Update, page, Operands.Assign(Gpa + page, asid));

    private static Step Release(ulong page) => new(StepKind.Update, page, Operands.Release());
}
