using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using FastRmp.Images;
using FastRmp.Images.Tests.Logs;
using FastRmp.Images.Tests.Support;

namespace FastRmp.Fuzz.Targets;

/// <summary>Kernel logs: read, told as stories, written as facts.</summary>
internal sealed class LogTarget : FuzzTarget
{
    internal override string Name => "log";

    internal override int OrdinaryRounds => 20_000;

    internal override long AllocationBase => 8 << 20;

    internal override long AllocationFactor => 512;

    internal override bool Read(byte[] input)
    {
        LogReport report = new();
        bool isWhole = true;
        using (MemoryStream bytes = new(input))
        using (LogReader reader = LogReader.FromStream(bytes, "log", report))
        {
            try
            {
                _ = reader.ReadAll();
            }
            catch (MalformedInputException)
            {
                isWhole = false; // empty, or a file of another kind
            }
        }

        foreach (LogStory story in report.Stories())
        {
            RequirePrintable(story.Title);
            RequirePrintable(story.What);
            RequirePrintable(story.Why);
            foreach (LogDetail detail in story.Details) RequirePrintable(detail.Value);
            foreach (string next in story.Next) RequirePrintable(next);
            foreach (string open in story.Open) RequirePrintable(open);
        }

        using MemoryStream facts = new();
        using (Utf8JsonWriter writer = new(facts))
        {
            report.WriteFacts(writer);
        }

        using JsonDocument document = JsonDocument.Parse(facts.ToArray());
        return isWhole;
    }

    protected override IEnumerable<byte[]> MakeSeeds()
    {
        string[] paths = Directory.GetFiles(Fixture.PathOf("rmp-logs"), "*.txt");
        Array.Sort(paths, StringComparer.Ordinal);
        List<Func<string[], string>> forms = [.. LogDress.Forms.Values];
        for (int index = 0; index < Math.Max(paths.Length, forms.Count); index++)
        {
            string[] lines = File.ReadAllText(paths[index % paths.Length]).TrimEnd('\n').Split('\n');
            yield return Encoding.UTF8.GetBytes(forms[index % forms.Count](LogDress.Bare(lines)));
        }
    }

    private static void RequirePrintable(string text)
    {
        foreach (char character in text)
        {
            if (char.IsControl(character)) throw new FuzzFailure($"a control character {(int)character:x} in '{text}'");
        }
    }
}
