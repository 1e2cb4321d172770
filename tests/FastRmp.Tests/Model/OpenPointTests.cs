using System;
using System.Collections.Generic;
using System.Globalization;
using System.Reflection;
using Xunit;

namespace FastRmp.Tests.Model;

/// <summary>The table of open points and the choices in code are the same.</summary>
public sealed class OpenPointTests
{
    [Fact]
    public void Every_choice_is_named_in_exactly_one_row()
    {
        Dictionary<string, int> rows = [];
        foreach (OpenPoint row in OpenPointTable.Rows())
        {
            foreach (string choice in row.Choices)
            {
                rows[choice] = rows.GetValueOrDefault(choice) + 1;
            }
        }

        List<string> problems = [];
        foreach (PropertyInfo choice in typeof(ModelChoices).GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            int count = rows.GetValueOrDefault(OpenPointTable.Prefix + choice.Name);
            if (count != 1) problems.Add(string.Create(CultureInfo.InvariantCulture, $"{choice.Name}: {count} rows"));
        }

        Assert.Empty(problems);
    }

    [Fact]
    public void Every_row_names_what_decides_it()
    {
        List<string> problems = [];
        foreach (OpenPoint row in OpenPointTable.Rows())
        {
            if (row.Choices.Count == 0) problems.Add(row.Name);
            if (row.Default.Length == 0 || row.Section.Length == 0) problems.Add(row.Name + ": no default, or no section");
        }

        Assert.Empty(problems);
    }

    [Fact]
    public void Whatever_a_row_names_exists()
    {
        List<string> problems = [];
        foreach (OpenPoint row in OpenPointTable.Rows())
        {
            foreach (string name in row.Choices)
            {
                if (!Exists(name)) problems.Add($"{row.Name}: {name}");
            }
        }

        Assert.Empty(problems);
    }

    [Fact]
    public void Defaults_are_those_of_the_table()
    {
        List<string> problems = [];
        int compared = 0;
        foreach (OpenPoint row in OpenPointTable.Rows())
        {
            List<string> switches = OpenPointTable.Switches(row);
            if (switches.Count != row.Values.Count)
            {
                problems.Add($"{row.Name}: {switches.Count} switches, {row.Values.Count} values");
                continue;
            }

            for (int i = 0; i < switches.Count; i++)
            {
                string actual = Text(typeof(ModelChoices).GetProperty(switches[i])!.GetValue(ModelChoices.Default)!);
                if (actual != row.Values[i]) problems.Add($"{row.Name}: {switches[i]} is {actual}, the table says {row.Values[i]}");
                compared++;
            }
        }

        Assert.Empty(problems);
        Assert.Equal(typeof(ModelChoices).GetProperties(BindingFlags.Public | BindingFlags.Instance).Length, compared);
        Assert.Equal(new ModelChoices(), ModelChoices.Default);
    }

    [Fact]
    public void A_row_without_a_choice_says_why()
    {
        List<string> problems = [];
        foreach (OpenPoint row in OpenPointTable.Rows())
        {
            bool isChoice = false;
            foreach (string name in row.Choices)
            {
                isChoice |= name.StartsWith(OpenPointTable.Prefix, StringComparison.Ordinal)
                    || name.StartsWith(nameof(ProcessorModel) + ".", StringComparison.Ordinal);
            }

            if (isChoice == row.Reason.StartsWith("no switch, `", StringComparison.Ordinal)) problems.Add(row.Name);
            if (!isChoice && !row.Reason.Contains("`: ", StringComparison.Ordinal)) problems.Add(row.Name + ": no reason");
        }

        Assert.Empty(problems);
    }

    private static string Text(object value) =>
        value is bool flag ? (flag ? "true" : "false") : string.Create(CultureInfo.InvariantCulture, $"{value}");

    private static bool Exists(string name)
    {
        string[] parts = name.Split('.');
        foreach (Type type in typeof(ModelChoices).Assembly.GetExportedTypes())
        {
            if (type.Name.Split('`')[0] != parts[0]) continue;
            if (parts.Length == 1 || type.GetMember(parts[1]).Length != 0) return true;
        }

        return false;
    }
}
