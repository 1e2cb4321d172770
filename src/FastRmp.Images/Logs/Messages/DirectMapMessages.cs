using System;

namespace FastRmp.Images;

/// <summary>The direct map's counters and conflicts: DirectMap lines of <c>/proc/meminfo</c>, <c>direct_map_level*</c> of
/// <c>/proc/vmstat</c>, and CPA's warnings. Source: Linux arch/x86/mm/pat/set_memory.c.</summary>
internal static class DirectMapMessages
{
    private const int CounterLines = 4;

    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context)
    {
        if (text.IndexOf("CPA "u8) >= 0) return Conflict(text, context);
        if (text.IndexOf("DirectMap"u8) < 0 && text.IndexOf("direct_map_level"u8) < 0) return Reading.None;
        long? small = Number(text, "DirectMap4k:"u8);
        long? large = Number(text, "DirectMap2M:"u8);
        long? huge = Number(text, "DirectMap1G:"u8);
        long? splits = Number(text, "direct_map_level2_splits"u8);
        long? hugeSplits = Number(text, "direct_map_level3_splits"u8);
        long? joins = Number(text, "direct_map_level2_collapses"u8);
        long? hugeJoins = Number(text, "direct_map_level3_collapses"u8);
        if ((small ?? large ?? huge ?? splits ?? hugeSplits ?? joins ?? hugeJoins) is null) return Reading.None;
        LoggedDirectMap? counters = context.Counters;
        bool isNew = counters is null || (small is not null && counters.Kilobytes4K is not null)
            || (splits is not null && counters.Splits2M is not null);
        if (isNew)
        {
            counters = new LoggedDirectMap(context.Place);
            context.Counters = counters;
            context.Report.Add(counters);
        }

        counters!.LastLine = context.Line;
        counters.Kilobytes4K ??= small;
        counters.Kilobytes2M ??= large;
        counters.Kilobytes1G ??= huge;
        counters.Splits2M ??= splits;
        counters.Splits1G ??= hugeSplits;
        counters.Joins2M ??= joins;
        counters.Joins1G ??= hugeJoins;
        context.Attend(CounterLines);
        return Reading.Whole;
    }

    private static long? Number(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) =>
        LogText.TryDecimal(text, name, out long value) ? value : null;

    private static Reading Conflict(ReadOnlySpan<byte> text, LogContext context)
    {
        bool isConflict = text.IndexOf("CPA "u8) is >= 0 and int at
            && (text[at..].IndexOf("conflict"u8) >= 0 || text[at..].IndexOf("protect"u8) >= 0 || text[at..].IndexOf("detect"u8) >= 0
                || text[at..].IndexOf("refuse"u8) >= 0);
        if (!isConflict) return Reading.None;
        if (text.IndexOf("W^X violation"u8) < 0 && text.IndexOf(" PFN "u8) < 0) return Reading.Part;
        context.Report.Add(new LogNote(context.Place, LogNoteKind.MappingConflict, LogText.Printable(text))
        {
            Pfn = LogText.TryHex(text, "PFN "u8, out ulong pfn) ? pfn : null,
            Value = LogText.TryHex(text, "req "u8, out ulong request) ? request : null,
        });
        return Reading.Whole;
    }
}
