using System;
using System.Linq;
using System.Reflection;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>Each choice that is yes or no has a bit of its own, which turns it round and no other.</summary>
public sealed class ChoiceTests
{
    private static readonly PropertyInfo[] Switches =
        [.. typeof(ModelChoices).GetProperties().Where(static property => property.PropertyType == typeof(bool) && property.CanWrite)];

    [Fact]
    public void Every_switch_has_a_choice() => Assert.Equal(
        Switches.Select(static property => property.Name).Order(StringComparer.Ordinal),
        Enum.GetNames<Choice>().Order(StringComparer.Ordinal));

    [Fact]
    public void A_choice_turns_its_switch_round_and_no_other()
    {
        foreach (Choice choice in Enum.GetValues<Choice>())
        {
            int bit = (int)choice;
            ChoiceWords words = new() { Low = bit < 64 ? 1UL << bit : 0, High = bit < 64 ? 0 : 1UL << (bit - 64) };
            Assert.True(words.TryDecode(out ModelChoices choices));
            foreach (PropertyInfo property in Switches)
            {
                bool standard = (bool)property.GetValue(ModelChoices.Default)!;
                Assert.Equal(standard ^ (property.Name == choice.ToString()), (bool)property.GetValue(choices)!);
            }
        }
    }

    [Fact]
    public void Zeros_are_the_defaults_and_the_two_others_are_carried()
    {
        Assert.True(default(ChoiceWords).TryDecode(out ModelChoices choices));
        Assert.Equal(ModelChoices.Default, choices);
        Assert.True(new ChoiceWords { Contention = 2, DmaFaultFlags = 5 }.TryDecode(out choices));
        Assert.Equal((ContentionCode.FailOverlap, (byte)5), (choices.Contention, choices.RmpDmaFaultFlags));
    }
}
