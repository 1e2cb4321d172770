using System;
using System.Collections.Generic;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Decode;

/// <summary>Events of an AMD IOMMU: an entry of its log in words, or the line that a kernel prints of one.</summary>
internal static class PrintedEvents
{
    private const int Words = 4;

    /// <summary>How lines name events.</summary>
    internal static readonly string[] Names = [.. Codes().Select(IommuEventNames.Of), "RMP_HW_ERROR"];

    /// <summary>Parses either, or adds an error.</summary>
    internal static PrintedEvent? Parse(ArgumentResult result)
    {
        string text = PrintedWords.Joined(result);
        if (!text.Contains("event[", StringComparison.Ordinal)
            && Array.Exists(Names, name => text.Contains(name, StringComparison.OrdinalIgnoreCase)))
        {
            if (Line(text) is { } line) return new PrintedEvent(default, line);
            result.AddError($"the line names an event, and is not as a kernel prints one: '{text}'");
            return null;
        }

        if (PrintedWords.Halves(result, 'E', "event") is not { } words) return null;
        for (int i = 0; i < Words; i++)
        {
            if (words[i] <= uint.MaxValue) continue;
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"E{i}: 0x{words[i]:x} has more than 32 bits"));
            return null;
        }

        return new PrintedEvent(new IommuEvent((uint)words[0], (uint)words[1], (uint)words[2], (uint)words[3]), null);
    }

    private static LoggedIommuEvent? Line(string text)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(text));
        using LogReader reader = LogReader.FromStream(stream, "line");
        return reader.ReadAll().Findings.OfType<LoggedIommuEvent>().FirstOrDefault();
    }

    private static IEnumerable<IommuEventCode> Codes()
    {
        for (IommuEventCode code = IommuEventCode.IllegalDeviceTableEntry; code <= IommuEventCode.RmpHardwareError; code++)
        {
            yield return code;
        }
    }
}
