using FastRmp.Benchmarks.Gating;
using Xunit;

namespace FastRmp.Benchmarks.Tests;

public class GateRulesTests
{
    [Theory]
    [InlineData(12.5, true)]
    [InlineData(12.6, false)]
    [InlineData(5, true)]
    public void A_ratio_up_to_a_quarter_above_the_recorded_one_holds(double median, bool holds)
    {
        string? failure = SampleReports.FailureOf(SampleReports.Of(median), SampleReports.Recorded(1.0), SampleReports.Known);
        Assert.Equal(holds, failure is null);
    }

    [Theory]
    [InlineData(14.0, 11.0, true)] // a noisy median, a quiet best
    [InlineData(11.0, 14.0, true)]
    [InlineData(14.0, 13.0, false)]
    public void A_row_is_too_slow_only_if_median_and_fastest_iteration_say_so(double median, double least, bool holds)
    {
        Report report = new();
        report.Add(
            SampleReports.Json(
                SampleReports.Row("FastRmp", median, least), SampleReports.Row("C", 10.0, 10.0), SampleReports.Row("Scalar", 80.0, 80.0)));
        Assert.Equal(holds, SampleReports.FailureOf(report, SampleReports.Recorded(1.0), SampleReports.Known) is null);
    }

    [Fact]
    public void One_allocated_byte_fails()
    {
        string? failure = SampleReports.FailureOf(SampleReports.Of(9, bytes: 1), SampleReports.Recorded(1.0), SampleReports.Known);
        Assert.Equal("allocates 1 bytes", failure);
    }

    [Theory]
    [InlineData("FastRmp")]
    [InlineData("C")]
    public void A_missing_row_fails_and_is_named(string missing)
    {
        string[] methods = ["FastRmp", "C", "Scalar"];
        Report report = new();
        foreach (string method in methods)
        {
            if (method != missing) report.Add(SampleReports.Json(SampleReports.Row(method, 9, 0)));
        }

        string? failure = SampleReports.FailureOf(report, SampleReports.Recorded(1.0), SampleReports.Known);
        Assert.Equal($"FastRmp.Benchmarks.Sample.{missing}(Entries: 512) was not measured", failure);
    }

    [Fact]
    public void A_row_for_comparison_is_for_the_table_alone()
    {
        Report report = new();
        report.Add(SampleReports.Json(SampleReports.Row("FastRmp", 9, 0), SampleReports.Row("C", 10, 0)));
        Assert.Null(SampleReports.FailureOf(report, SampleReports.Recorded(1.0), SampleReports.Known));
        Assert.Contains(SampleReports.Operation.RowOf("Scalar"), SampleReports.Operation.Rows());
    }

    [Fact]
    public void A_row_whose_benchmark_threw_counts_as_missing()
    {
        Report report = new();
        report.Add(SampleReports.Json(SampleReports.Broken("FastRmp"), SampleReports.Row("C", 10, 0), SampleReports.Row("Scalar", 80, 0)));
        Assert.NotNull(SampleReports.FailureOf(report, SampleReports.Recorded(1.0), SampleReports.Known));
    }

    [Theory]
    [InlineData("Known")]
    [InlineData("AnotherMachine")]
    public void A_row_that_awaits_its_record_gates_from_then_on(string recordedOn)
    {
        Operation awaiting = SampleReports.Operation with { AwaitsRecord = true };
        Assert.Empty(Operation.Gating([awaiting], new Baseline { Entries = [] }));
        Baseline recorded = SampleReports.Recorded(1.0, recordedOn);
        Assert.Equal([awaiting], Operation.Gating([awaiting], recorded));
        Assert.NotNull(Assert.Single(GateRules.Evaluate([awaiting], SampleReports.Of(21), recorded, SampleReports.Known)).Failure);
        Assert.Empty(Operation.Gating([awaiting with { Gates = false }], recorded));
        Assert.Equal([SampleReports.Operation], Operation.Gating([SampleReports.Operation], new Baseline { Entries = [] }));
    }

    [Fact]
    public void An_operation_without_a_recorded_ratio_fails()
    {
        Assert.Equal(
            "no ratio is recorded", SampleReports.FailureOf(SampleReports.Of(9), new Baseline { Entries = [] }, SampleReports.Known));
    }

    [Theory]
    [InlineData("AuthenticAMD 25/17", 512, 20.0, true)]
    [InlineData("AuthenticAMD 25/17", 512, 20.1, false)]
    [InlineData("GenuineIntel 6/207", 256, 20.0, true)]
    [InlineData("GenuineIntel 6/207", 256, 20.1, false)]
    public void A_machine_without_a_record_is_bound_by_twice_the_ratio(string cpu, int vectorBits, double median, bool holds)
    {
        string? failure = SampleReports.FailureOf(SampleReports.Of(median), SampleReports.Recorded(1.0), new Machine(cpu, vectorBits));
        Assert.Equal(holds, failure is null);
    }

    [Fact]
    public void Bytes_and_rows_are_demanded_on_unknown_machines_too()
    {
        Machine unknown = new("AuthenticAMD 25/17", 128);
        Assert.NotNull(SampleReports.FailureOf(SampleReports.Of(9, bytes: 24), SampleReports.Recorded(1.0), unknown));
        Assert.NotNull(SampleReports.FailureOf(new Report(), SampleReports.Recorded(1.0), unknown));
    }

    [Fact]
    public void An_unknown_machine_takes_the_entry_of_its_vector_width()
    {
        Baseline baseline = SampleReports.Recorded(1.0).With(SampleReports.Entry(3.0, "GenuineIntel 6/60", 256));
        BaselineEntry? entry = baseline.Find(new Machine("AuthenticAMD 23/49", 256), SampleReports.Operation.Name, out double factor);
        Assert.Equal(3.0, entry?.Rows[SampleReports.Operation.Name].Ratio);
        Assert.Equal(Baseline.ForeignFactor, factor);
    }

    [Theory]
    [InlineData("AuthenticAMD 25/97", 256, 2.0)] // the vendor and the family before the width
    [InlineData("AuthenticAMD 26/2", 512, 2.0)]
    [InlineData("AuthenticAMD 23/49", 256, 4.0)]
    [InlineData("GenuineIntel 6/85", 512, 1.0)]
    [InlineData("GenuineIntel 6/60", 256, 3.0)]
    [InlineData("Arm64", 128, 3.0)] // nobody's: the nearest width
    public void An_unknown_machine_takes_the_entry_of_the_one_most_like_it(string cpu, int vectorBits, double ratio)
    {
        Baseline baseline = SampleReports.Recorded(1.0)
            .With(SampleReports.Entry(3.0, "GenuineIntel 6/207", 256))
            .With(SampleReports.Entry(2.0, "AuthenticAMD 25/17", 512))
            .With(SampleReports.Entry(4.0, "AuthenticAMD 23/1", 256));
        BaselineEntry? entry = baseline.Find(new Machine(cpu, vectorBits), SampleReports.Operation.Name, out double factor);
        Assert.Equal(ratio, entry?.Rows[SampleReports.Operation.Name].Ratio);
        Assert.Equal(Baseline.ForeignFactor, factor);
    }

    [Theory]
    [InlineData(20.0, true)]
    [InlineData(20.1, false)]
    public void A_row_that_the_entry_of_a_machine_has_not_is_bound_by_that_of_another(double median, bool holds)
    {
        BaselineEntry own = SampleReports.Entry(9.0, "GenuineIntel 6/207", 512) with
        {
            Rows = new() { ["Another"] = new BaselineRow(9.0, 0) },
        };
        Baseline baseline = SampleReports.Recorded(1.0, "AuthenticAMD 25/17").With(own);
        Assert.Equal(holds, SampleReports.FailureOf(SampleReports.Of(median), baseline, SampleReports.Known) is null);
    }

    [Fact]
    public void Rows_recorded_anew_leave_the_others_of_the_machine()
    {
        BaselineEntry later = SampleReports.Entry(3.0, "GenuineIntel 6/207", 512) with
        {
            Rows = new() { ["Another"] = new BaselineRow(3.0, 0) },
        };
        Baseline baseline = SampleReports.Recorded(1.0).WithRows(later);
        BaselineEntry entry = Assert.Single(baseline.Entries);
        Assert.Equal(1.0, entry.Rows[SampleReports.Operation.Name].Ratio);
        Assert.Equal(3.0, entry.Rows["Another"].Ratio);
        Assert.Equal(
            2.0,
            Assert.Single(
                baseline.WithRows(SampleReports.Entry(2.0, "GenuineIntel 6/207", 512)).Entries).Rows[SampleReports.Operation.Name].Ratio);
    }

    [Theory]
    [InlineData("GenuineIntel 6/207")]
    [InlineData("AuthenticAMD 26/2")]
    public void A_slowdown_of_four_times_is_judged_by_the_ratio_of_the_row_that_it_is_planted_in(string cpu)
    {
        Operation planted = SampleReports.Operation with { Class = "Planted", RecordedAs = SampleReports.Operation.Name };
        Report report = new();
        report.Add(
            SampleReports.Json(SampleReports.Row("FastRmp", 40, 0), SampleReports.Row("C", 10, 0)).Replace(
                SampleReports.Operation.TypeName, planted.TypeName, System.StringComparison.Ordinal));
        GateResult result = Assert.Single(
            GateRules.Evaluate([planted], report, SampleReports.Recorded(1.0), new Machine(cpu, 512)));
        Assert.True(result.Ratio > result.Bound);
        Assert.StartsWith("ratio 4.00 is above", result.Failure, System.StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_replaces_what_it_measured_and_nothing_else()
    {
        Report report = SampleReports.Of(50);
        Report later = new();
        later.Add(SampleReports.Json(SampleReports.Row("FastRmp", 11, 0), SampleReports.Broken("C")));
        report.Replace(later);
        Assert.Equal(1.1, report.Ratio(SampleReports.Operation)!.Value, 6);
    }

    [Fact]
    public void The_median_of_the_runs_is_recorded_and_the_most_bytes()
    {
        Report[] runs = [SampleReports.Of(30), SampleReports.Of(9), SampleReports.Of(12, bytes: 8)];
        BaselineRow row = GateRules.Record([SampleReports.Operation], runs, SampleReports.Known)[SampleReports.Operation.Name];
        Assert.Equal(new BaselineRow(1.2, 8), row);
    }
}
