using System;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using FastRmp.Tests.Model;
using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// Random operations of all kinds in the table and in the reference: outcomes, raw entries, counters and RMPOPT's bits have to be the same.
/// </summary>
/// <remarks>FASTRMP_DIFFERENTIAL_OPERATIONS sets how many, up to billions: every run has a seed of its own.</remarks>
public sealed class DifferentialTests
{
    private const string Variable = "FASTRMP_DIFFERENTIAL_OPERATIONS";
    private const long DefaultOperations = 2_200_000;
    private const int EpisodeOperations = 8_000;
    private const int FullOperations = 2_000;
    private const int FullSegmentedOperations = 600;
    private const int DefaultWeight = 4;

    private static readonly string[] Presets = ["milan", "genoa", "turin", "venice"];

    /// <summary>Every processor and geometry with the defaults and with all choices the other way, and each choice once.</summary>
    public static TheoryData<string, bool, string> Cases()
    {
        TheoryData<string, bool, string> rows = [];
        foreach (string choice in new[] { "default", "all" })
        {
            foreach (string preset in Presets)
            {
                rows.Add(preset, false, choice);
                if (ChoiceCases.Processor(preset).HasSegmentedRmp) rows.Add(preset, true, choice);
            }
        }

        int next = 0;
        foreach (string choice in ChoiceCases.Names)
        {
            if (choice is "default" or "all") continue;
            bool isOpt = choice.StartsWith("RmpOpt", StringComparison.Ordinal);
            rows.Add(
                isOpt ? "venice" : Presets[next++ % Presets.Length],
                choice.StartsWith("RmpOpt", StringComparison.Ordinal) && choice != nameof(ModelChoices.RmpOptOnContiguous), choice);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Random_operations_do_what_the_reference_does(string preset, bool segmented, string choice)
    {
        OutcomeCounts total = new();
        long operations = Operations(choice);
        int seed = 0;
        for (long done = 0; done < operations; seed++)
        {
            // Now and then a whole table is compared after each step that is as large as they come.
            MachinePlan plan = new(preset, segmented, choice, IsEnabled: seed % 4 != 3, IsFull: seed % 8 == 2);
            int length = (int)Math.Min(
                !plan.IsFull ? EpisodeOperations : segmented ? FullSegmentedOperations : FullOperations, operations - done);
            total.Add(RandomRun.Run(plan, seed, length));
            done += length;
        }

        bool isFullRun = choice == "default" && operations >= DefaultOperations / 20;
        if (isFullRun) Assert.Empty(total.Missing(RequiredOutcomes.Of(ChoiceCases.Processor(preset), segmented)));
        else if (operations > EpisodeOperations) Assert.Empty(total.Missing(RequiredOutcomes.Least));
    }

    [Fact]
    public void Every_choice_about_a_table_is_decided_both_ways()
    {
        HashSet<string> decided = [];
        foreach (PropertyInfo choice in typeof(ModelChoices).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            foreach (string name in ChoiceCases.Names)
            {
                if (!Equals(choice.GetValue(ModelChoices.Default), choice.GetValue(ChoiceCases.Choices(name)))) decided.Add(choice.Name);
            }
        }

        // No operation on a table depends on these; they have tests of their own.
        HashSet<string> others =
        [
            nameof(ModelChoices.SegmentExponentsAreMegabytes), nameof(ModelChoices.IgnoreReservedSegmentBits),
            nameof(ModelChoices.RmpUpdateLeavesTlb),
            nameof(ModelChoices.InstructionsLeaveFlags), nameof(ModelChoices.InstructionsTakeSharedMappings),
            nameof(ModelChoices.RmpOptBaseIsFree), nameof(ModelChoices.CountClearedOnRelease),
        ];
        foreach (string choice in OpenPointTable.ChoicesOfInstructions())
        {
            Assert.True(decided.Contains(choice) != others.Contains(choice), choice);
        }
    }

    private static long Operations(string choice)
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        long total = string.IsNullOrEmpty(text) ? DefaultOperations : long.Parse(text, CultureInfo.InvariantCulture);
        long weights = 0;
        foreach (ITheoryDataRow row in (IEnumerable<ITheoryDataRow>)Cases())
        {
            weights += Weight((string)row.GetData()[2]!);
        }

        return (total * Weight(choice) / weights) + 1;
    }

    private static int Weight(string choice) => choice == "default" ? DefaultWeight : 1;
}
