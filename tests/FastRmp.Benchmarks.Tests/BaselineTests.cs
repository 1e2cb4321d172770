using System.Linq;
using System.Text.Json;
using FastRmp.Benchmarks.Gating;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public class BaselineTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        Baseline baseline = SampleReports.Recorded(0.97);
        string json = baseline.Format();
        Assert.Equal(json, Baseline.Parse(json).Format());
        Assert.Contains("\"vector_bits\": 512", json, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Recording_again_replaces_the_entry_of_the_same_machine_only()
    {
        Baseline baseline = SampleReports.Recorded(1.0)
            .With(SampleReports.Entry(2.0, "AuthenticAMD 25/17", 512))
            .With(SampleReports.Entry(0.5, "GenuineIntel 6/207", 512));
        Assert.Equal(2, baseline.Entries.Count);
        Assert.Equal(
            0.5,
            baseline.Find(SampleReports.Known, SampleReports.Operation.Name, out double factor)?.Rows[SampleReports.Operation.Name].Ratio);
        Assert.Equal(Baseline.KnownFactor, factor);
    }

    [Fact]
    public void A_text_that_is_no_report_is_refused() => Assert.Throws<JsonException>(() => new Report().Add("{}"));

    [Fact]
    public void Names_of_operations_are_unique_and_the_gating_set_is_not_empty()
    {
        Assert.Equal(Operation.All.Count, Operation.All.Select(static operation => operation.Name).Distinct().Count());
        Assert.InRange(Operation.All.Count(static operation => operation.Gates), 8, 55); // each takes five seconds of every run
    }

    [Fact]
    public void Operations_of_a_group_stand_together()
    {
        string[] groups = [.. Operation.All.Select(static operation => operation.Group)];
        int changes = groups.Zip(groups.Skip(1)).Count(static pair => pair.First != pair.Second);
        Assert.Equal(groups.Distinct().Count(), changes + 1);
    }

    [Fact]
    public void The_table_names_a_group_once()
    {
        Operation other = SampleReports.Operation with { Title = "other" };
        string[] lines = Tables.Markdown([SampleReports.Operation, other], SampleReports.Of(12), "12.2.0", "2026-01-01").Split('\n');
        Assert.Equal(1, lines.Count(static line => line == "| **samples** | | | | | |"));
        Assert.Equal(2, lines.Count(static line => line.Contains("12.0 ns", System.StringComparison.Ordinal)));
    }

    [Fact]
    public void What_reads_memory_from_end_to_end_is_shown_with_its_bandwidth()
    {
        Operation reading = SampleReports.Operation with { Bytes = 600 };
        string table = Tables.Markdown([reading], SampleReports.Of(12), "12.2.0", "2026-01-01");
        Assert.Contains(
            "| sample | 12.0 ns (50.0 GB/s) | 10.0 ns (60.0 GB/s) | 1.20 | 0 B | C# loop 80.0 ns (7.5 GB/s) |", table,
            System.StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_has_a_line_for_each_operation_and_the_bytes_of_each()
    {
        string table = Tables.Markdown([SampleReports.Operation], SampleReports.Of(12), "12.2.0", "2026-01-01");
        Assert.Contains("| sample | 12.0 ns | 10.0 ns | 1.20 | 0 B | C# loop 80.0 ns |", table, System.StringComparison.Ordinal);
        Assert.StartsWith("Some Processor, .NET 10.0.1, ", table, System.StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_are_bound_by_twice_their_own_machines_ratio_and_survive_new_rows()
    {
        Machine machine = SampleReports.Known;
        Baseline recorded = SampleReports.Recorded(1.0)
            .With(SampleReports.Entry(2.0, "AuthenticAMD 25/17", 512) with { Calls = new() { ["walk"] = 5 } })
            .WithCalls(machine, new() { ["walk"] = 1.5 });
        Baseline later = Baseline.Parse(recorded.With(SampleReports.Entry(3.0, machine.Cpu, machine.VectorBits)).Format());
        Assert.Equal(3.0, later.BoundOfCall(machine, "walk"));
        Assert.Equal(10.0, later.BoundOfCall(new Machine("AuthenticAMD 25/17", 512), "walk"));
        Assert.Null(later.BoundOfCall(machine, "another"));
    }

    [Fact]
    public void Calls_of_an_unknown_machine_are_bound_by_those_of_the_nearest_width()
    {
        Baseline recorded = SampleReports.Recorded(1.0)
            .With(SampleReports.Entry(1.0, "GenuineIntel 6/60", 256) with { Calls = new() { ["walk"] = 2 } })
            .WithCalls(SampleReports.Known, new() { ["walk"] = 1.5 });
        Assert.Equal(4.0, recorded.BoundOfCall(new Machine("AuthenticAMD 23/49", 256), "walk"));
        Assert.Throws<System.InvalidOperationException>(() => recorded.WithCalls(new Machine("AuthenticAMD 23/49", 256), []));
    }

    [Fact]
    public void Rows_of_narrower_vectors_stand_beside_those_of_the_widest()
    {
        Operation other = SampleReports.Operation with { Title = "other", Class = "Other" };
        Machine narrow = new(SampleReports.Known.Cpu, 0);
        Baseline recorded = SampleReports.Recorded(1.0)
            .WithRows(SampleReports.Entry(3.0, narrow.Cpu, narrow.VectorBits))
            .WithRows(SampleReports.Entry(2.0, narrow.Cpu, 512) with { Rows = new() { [other.Name] = new BaselineRow(2.0, 0) } });
        string[] lines = Tables.Widths([SampleReports.Operation, other], recorded).TrimEnd().Split(System.Environment.NewLine);
        Assert.Equal("Some Processor (GenuineIntel 6/207), FastRmp / C; 512 bits: 2026-01-01, no vectors: 2026-01-01.", lines[0]);
        Assert.Equal(["| operation | 512 bits | no vectors |", "|---|---:|---:|", "| sample | 1.00 | 3.00 |"], lines[2..]);
        Assert.Equal(3.0, recorded.Find(narrow, SampleReports.Operation.Name, out double known)?.Rows[SampleReports.Operation.Name].Ratio);
        Assert.Equal(Baseline.KnownFactor, known);
        Assert.Equal(2.0, recorded.Find(narrow, other.Name, out double foreign)?.Rows[other.Name].Ratio);
        Assert.Equal(Baseline.ForeignFactor, foreign);
    }

    [Fact]
    public void A_processor_with_one_width_has_no_table_of_widths() => Assert.Empty(
        Tables.Widths([SampleReports.Operation], SampleReports.Recorded(1.0).With(SampleReports.Entry(2.0, "AuthenticAMD 25/17", 256))));

    [Fact]
    public void Operations_are_chosen_by_parts_of_their_names()
    {
        Operation[] operations = [.. ((string[])["ScanAny", "ScanCount", "PSmash"]).Select(
            static name => SampleReports.Operation with { Class = name })];
        Assert.Equal(["ScanAny", "ScanCount", "PSmash"], Chosen());
        Assert.Equal(["ScanAny", "ScanCount"], Chosen("scan"));
        Assert.Equal(["ScanAny", "PSmash"], Chosen("psm", "ScanAny"));
        Assert.Equal(["ScanAny"], Chosen("ScanAny(Entries: 512)", "ScanAny"));

        string[] Chosen(params string[] parts) => [.. Operation.Named(operations, parts).Select(static operation => operation.Class)];
    }

    [Fact]
    public void A_part_that_no_name_has_is_named() => Assert.Equal(
        "no row has 'Scam' in its name",
        Assert.Throws<System.FormatException>(() => Operation.Named(Operation.All, ["Scan", "Scam"])).Message);
}
