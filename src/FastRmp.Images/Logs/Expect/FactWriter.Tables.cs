using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace FastRmp.Images;

/// <content>Tables, segments, their edges, and the platform around them.</content>
internal static partial class FactWriter
{
    private const ulong Bookkeeping = 0x4000;

    private static void Tables(LogReport report, Utf8JsonWriter writer)
    {
        List<LoggedRmpTable> tables = [];
        bool isRepeated = false;
        foreach (LoggedRmpTable table in All<LoggedRmpTable>(report))
        {
            if (tables.Exists(other => other.Start == table.Start && other.End == table.End)) isRepeated = true;
            else tables.Add(table);
        }

        List(writer, "rmp_tables", tables, (target, table) => Table(target, table));
        if (isRepeated) writer.WriteBoolean("same_table_counted_once", true);
        if (Fact(report, RmpFact.NoTable) is not null) writer.WriteBoolean("rmp_not_reserved", true);
        if (Fact(report, RmpFact.BaseRegister) is { } first) Hex(writer, "rmp_base_msr", first.First);
        if (Fact(report, RmpFact.EndRegister) is { } last) Hex(writer, "rmp_end_msr", last.First);
        if (Fact(report, RmpFact.MappedAt) is { } mapped)
        {
            writer.WriteStartObject("mapped_at");
            Hex(writer, "virt", mapped.First);
            Hex(writer, "last_offset", mapped.Second);
            writer.WriteEndObject();
        }

        if (Fact(report, RmpFact.SnpEnabled) is { } enabled) writer.WriteNumber("snp_en", enabled.First);
        if (Fact(report, RmpFact.VmplEnabled) is { } levels) writer.WriteNumber("vmpl_en", levels.First);
        Segments(report, writer);
    }

    private static void Table(Utf8JsonWriter writer, LoggedRmpTable table)
    {
        PhysicalSpan range = new(table.Start, table.End);
        Hex(writer, "start", table.Start);
        Hex(writer, "end", table.End);
        Hex(writer, "size", table.Size);
        Hex(writer, "covers_bytes", table.CoveredBytes);
        writer.WriteNumber("covers_gib", decimal.Round((decimal)table.CoveredBytes / (1UL << GibShift), 6));
        writer.WriteBoolean("start_2m_aligned", range.IsAlignedStart);
        writer.WriteBoolean("end_2m_aligned", range.IsAlignedEnd);
        writer.WriteBoolean("covers_itself", table.CoversItself);
        writer.WriteString("printed_as", table.Form switch
        {
            RmpTableForm.BracketedRange => "range [a - b]",
            RmpTableForm.Range => "physical range a - b",
            RmpTableForm.BracketedAddress => "address [a - b]",
            RmpTableForm.Address => "address a - b",
            _ => "debug line rmp_base=/rmp_end=",
        });
    }

    private static void Segments(LogReport report, Utf8JsonWriter writer)
    {
        if (Fact(report, RmpFact.SegmentTable) is { } table)
        {
            bool isExclusive = (table.Second & PageSize.Size4K.OffsetMask()) == 0;
            ulong size = table.Second - table.First + (isExclusive ? 0UL : 1);
            writer.WriteStartObject("rmp_segment_table");
            Hex(writer, "start", table.First);
            Hex(writer, "end_as_printed", table.Second);
            Hex(writer, "size", size);
            writer.WriteBoolean("end_is_exclusive", isExclusive);
            Hex(writer, "bookkeeping", Bookkeeping);
            Hex(writer, "segment_table", size > Bookkeeping ? size - Bookkeeping : 0);
            writer.WriteEndObject();
        }

        if (Fact(report, RmpFact.SegmentGigabytes) is { } unit) Hex(writer, "rmp_segment_size", unit.First << GibShift);
        List<LoggedRmpSegment> segments = DistinctSegments(report);
        List(writer, "rmp_segments", segments, Segment);
        if (segments.Count == 0) return;
        Missing(writer, segments);
        ulong covered = 0;
        foreach (LoggedRmpSegment segment in segments) covered += segment.Covered.Size;
        Hex(writer, "total_covered_bytes", covered);
    }

    private static List<LoggedRmpSegment> DistinctSegments(LogReport report)
    {
        List<LoggedRmpSegment> segments = [];
        foreach (LoggedRmpSegment segment in All<LoggedRmpSegment>(report))
        {
            if (!segments.Exists(other => other.Index == segment.Index && other.Table == segment.Table)) segments.Add(segment);
        }

        return segments;
    }

    private static void Segment(Utf8JsonWriter writer, LoggedRmpSegment segment)
    {
        writer.WriteNumber("index", segment.Index);
        Hex(writer, "start", segment.Table.Start);
        Hex(writer, "end", segment.Table.End);
        Hex(writer, "size", segment.Table.Size);
        Hex(writer, "covers_start", segment.Covered.Start);
        Hex(writer, "covers_end", segment.Covered.End);
        Hex(writer, "covers_bytes", segment.Covered.Size);
        writer.WriteBoolean("start_2m_aligned", segment.Table.IsAlignedStart);
        writer.WriteBoolean("end_2m_aligned", segment.Table.IsAlignedEnd);
    }

    /// <summary>The numbers below the highest that no line has.</summary>
    private static void Missing(Utf8JsonWriter writer, List<LoggedRmpSegment> segments)
    {
        const int MostSegments = 512;
        int highest = 0;
        foreach (LoggedRmpSegment segment in segments) highest = int.Max(highest, int.Min(segment.Index, MostSegments));
        writer.WriteStartArray("segments_not_printed");
        for (int index = 0; index < highest; index++)
        {
            if (!segments.Exists(segment => segment.Index == index)) writer.WriteNumberValue(index);
        }

        writer.WriteEndArray();
    }

    private static void Edges(LogReport report, Utf8JsonWriter writer)
    {
        List<TableEdge> edges = TableEdge.Of(report);
        List<LoggedRmpFact> reserved = [];
        foreach (LoggedRmpFact fact in All<LoggedRmpFact>(report))
        {
            if (fact.Fact == RmpFact.Boundary && !reserved.Exists(other => other.First == fact.First)) reserved.Add(fact);
        }

        if (reserved.Count != 0 || (edges.Count != 0 && edges.TrueForAll(static edge => edge.IsAligned)))
        {
            writer.WriteStartArray("boundary_reservations");
            foreach (LoggedRmpFact fact in reserved)
            {
                writer.WriteStartObject();
                Hex(writer, "phys", fact.First);
                writer.WriteString("edge", edges.Find(edge => !edge.IsAligned && edge.Block == fact.First)?.Name);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        Needed(report, writer, edges.FindAll(edge => !edge.IsAligned && !reserved.Exists(fact => fact.First == edge.Block)));
    }

    /// <summary>Usable memory in a block that a table's edge shares, and what kexec puts there.</summary>
    private static void Needed(LogReport report, Utf8JsonWriter writer, List<TableEdge> open)
    {
        List<(TableEdge Edge, PhysicalSpan Ram)> needed = [];
        foreach (TableEdge edge in open)
        {
            foreach (PhysicalSpan ram in report.Usable)
            {
                ulong start = ulong.Max(ram.Start, edge.Block);
                ulong end = ulong.Min(ram.End, edge.Block + PageSize.Size2M.OffsetMask());
                if (start <= end) needed.Add((edge, new PhysicalSpan(start, end)));
            }
        }

        if (needed.Count == 0) return;
        writer.WriteStartArray("boundary_needed");
        foreach ((TableEdge edge, PhysicalSpan ram) in needed)
        {
            writer.WriteStartObject();
            writer.WriteString("edge", edge.Name);
            Hex(writer, "two_mib_base", edge.Block);
            writer.WriteStartArray("usable_ram_in_it");
            writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"0x{ram.Start:x}"));
            writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"0x{ram.End:x}"));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (report.Loaded.Count == 0) return;
        Loaded(report, writer, "kexec_segments_in_that_2m", needed, isInside: true);
        Loaded(report, writer, "kexec_segments_elsewhere", needed, isInside: false);
    }

    private static void Loaded(
        LogReport report, Utf8JsonWriter writer, string name, List<(TableEdge Edge, PhysicalSpan Ram)> needed, bool isInside)
    {
        writer.WriteStartArray(name);
        foreach (ulong address in report.Loaded)
        {
            ulong block = address & ~PageSize.Size2M.OffsetMask();
            if (needed.Exists(item => item.Edge.Block == block) != isInside) continue;
            writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"0x{address:x}"));
        }

        writer.WriteEndArray();
    }

    /// <summary>The first fact of a kind.</summary>
    internal static LoggedRmpFact? Fact(LogReport report, RmpFact kind)
    {
        foreach (LogFinding finding in report.Findings)
        {
            if (finding is LoggedRmpFact fact && fact.Fact == kind) return fact;
        }

        return null;
    }
}
