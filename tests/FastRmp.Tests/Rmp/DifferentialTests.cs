using System;
using System.Globalization;
using System.Reflection;
using FastRmp.Model;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>Random operations in the table and in the reference: results, raw entries, counters and checks have to be the same.</summary>
public sealed class DifferentialTests
{
    private const string Variable = "FASTRMP_OPERATIONS";
    private const int DefaultOperations = 480_000;

    public static TheoryData<string, string> Cases() => ChoiceCases.All();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Random_operations_do_what_the_reference_does(string preset, string choice)
    {
        int cases = Cases().Count;
        int operations = (Operations() + cases - 1) / cases;
        using RandomWorld world = new(seed: 1, ChoiceCases.Processor(preset), ChoiceCases.Choices(choice));
        world.Run(operations);

        // The generator has to reach what it is for.
        Assert.InRange(world.Updates, operations / 20, operations);
        Assert.InRange(world.LargeUpdates, operations / 100, operations);
        Assert.InRange(world.Smashes, operations / 100, operations);
        Assert.InRange(world.Overlaps, operations / 50, operations);
        Assert.InRange(world.Refusals, operations / 100, operations);
    }

    [Fact]
    public void Every_open_point_is_decided_both_ways()
    {
        foreach (PropertyInfo choice in typeof(ModelChoices).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            // One is a matter of the walk, the other of CPUID: no operation on a table meets them, and tests of their own do.
            if (choice.Name is nameof(ModelChoices.CheckTableReads) or nameof(ModelChoices.SegmentExponentsAreMegabytes)) continue;
            Assert.NotEqual(choice.GetValue(ModelChoices.Default), choice.GetValue(ChoiceCases.Choices(choice.Name)));
            Assert.NotEqual(choice.GetValue(ModelChoices.Default), choice.GetValue(ChoiceCases.Choices("all")));
        }
    }

    private static int Operations()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        return string.IsNullOrEmpty(text) ? DefaultOperations : int.Parse(text, CultureInfo.InvariantCulture);
    }
}
