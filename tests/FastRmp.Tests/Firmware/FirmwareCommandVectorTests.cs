using System;
using System.Collections.Generic;
using FastRmp.Firmware;
using FastRmp.Tests.Vectors;
using Xunit;

namespace FastRmp.Tests.Firmware;

/// <summary>Every status of every command, the order between neighbouring tests, and what is written, as the rules have it.</summary>
public sealed class FirmwareCommandVectorTests
{
    public static TheoryData<string, string, string, string, string> Vectors()
    {
        TheoryData<string, string, string, string, string> rows = [];
        foreach (string[] row in VectorFile.Rows("firmware-commands.txt"))
        {
            rows.Add(row[0], row[1], row[2], row[3], row.Length > 4 ? row[4] : "");
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_command_does_what_the_rules_say(string what, string before, string command, string status, string after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(after);
        using VectorMachine stage = new();
        foreach (string token in Tokens(Expanded(before))) stage.Set(token);
        Dictionary<string, string> expected = stage.Snapshot();
        string got = stage.Execute(command).Name();
        foreach (string token in Tokens(after)) expected[VectorMachine.PlaceOf(token)] = token;
        Assert.True(got == status, $"{what}: {got}, expected {status}");
        foreach ((string place, string token) in expected)
        {
            Assert.True(stage.Read(place) == token, $"{what}: {stage.Read(place)}, expected {token}");
        }
    }

    [Fact]
    public void The_vectors_are_at_least_as_many_as_expected() => Assert.True(Vectors().Count > 150);

    /// <summary>A guest whose context is page 0xC03: at its begin, in launch or running, without an ASID or with ASID 5.</summary>
    private static string Expanded(string before)
    {
        const string Page = "c03=a000000000000005:1f gctxc03=";
        return before
            .Replace("@begin", Page + "I,0,0", StringComparison.Ordinal)
            .Replace("@launch5", Page + "L,5,6 asid5=A", StringComparison.Ordinal)
            .Replace("@running5", Page + "R,5,3 asid5=U", StringComparison.Ordinal)
            .Replace("@launch", Page + "L,0,2", StringComparison.Ordinal)
            .Replace("@running", Page + "R,0,2", StringComparison.Ordinal);
    }

    private static string[] Tokens(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
