using System;
using System.Collections.Generic;
using FastRmp.Images;

namespace FastRmp.Cli.Replay;

/// <summary>How many events of each kind an RMP trace has, by the verbs of its language.</summary>
internal static class RmpEventsReport
{
    /// <summary>The kinds in the order of reports.</summary>
    internal static ReadOnlySpan<(string Name, RmpTraceEventKind Kind)> Names => All;

    private static readonly (string Name, RmpTraceEventKind Kind)[] All =
    [
        ("rmpupdate", RmpTraceEventKind.RmpUpdate), ("psmash", RmpTraceEventKind.PSmash), ("firmware", RmpTraceEventKind.Firmware),
        ("fault", RmpTraceEventKind.Fault), ("split", RmpTraceEventKind.Split), ("join", RmpTraceEventKind.Join),
        ("write", RmpTraceEventKind.Write), ("read", RmpTraceEventKind.Read),
        ("unsmash", RmpTraceEventKind.Unsmash), ("pvalidate", RmpTraceEventKind.PValidate), ("dma", RmpTraceEventKind.Dma),
        ("guest", RmpTraceEventKind.Guest), ("convert", RmpTraceEventKind.Convert), ("mark", RmpTraceEventKind.Mark),
        ("other", RmpTraceEventKind.Other),
    ];

    internal static IReadOnlyDictionary<string, long> From(RmpTrace trace)
    {
        Dictionary<string, long> counts = [];
        foreach ((string name, RmpTraceEventKind kind) in All)
        {
            counts.Add(name, trace.Count(kind));
        }

        return counts;
    }
}
