using System;
using System.IO;
using System.Runtime.CompilerServices;
using Xunit;

namespace FastRmp.Generators.Tests.Support;

/// <summary>Compares emitted source with an approved file. On a mismatch the received text is written beside it.</summary>
internal static class Snapshot
{
    internal static void Matches(string name, string received, [CallerFilePath] string caller = "")
    {
        string approved = Path.Combine(AppContext.BaseDirectory, "Snapshots", name + ".approved.cs");
        string expected = File.Exists(approved) ? File.ReadAllText(approved) : string.Empty;
        if (received == expected) return;

        // Beside the approved file where the sources are at hand, so that the two can be compared and the one copied.
        string sources = Path.Combine(Path.GetDirectoryName(caller)!, "Snapshots");
        string folder = Directory.Exists(sources) ? sources : Path.GetDirectoryName(approved)!;
        string path = Path.Combine(folder, name + ".received.cs");
        Directory.CreateDirectory(folder);
        File.WriteAllText(path, received);
        Assert.Fail($"{name} differs from its approved snapshot at {FirstDifference(expected, received)}; the received text is in {path}.");
    }

    internal static string FirstDifference(string expected, string received)
    {
        string[] left = expected.Split('\n');
        string[] right = received.Split('\n');
        for (int line = 0; line < Math.Max(left.Length, right.Length); line++)
        {
            string one = line < left.Length ? left[line] : "(end)";
            string two = line < right.Length ? right[line] : "(end)";
            if (one != two) return $"line {line + 1}: expected '{one}', received '{two}'";
        }

        return "no line";
    }
}
