using System.Globalization;
using System.Linq;
using FastRmp.Benchmarks.Gating;

namespace FastRmp.Benchmarks.Tests;

/// <summary>Operations and reports to judge.</summary>
internal static class SampleReports
{
    internal static Machine Known { get; } = new("GenuineIntel 6/207", 512);

    internal static Operation Operation { get; } = new("samples", "sample", "Sample", "(Entries: 512)", "C", ["Scalar"], Gates: true);

    /// <summary>A report of the sample: the library's row takes <paramref name="median"/>, the C row 10, the scalar one 80.</summary>
    internal static Report Of(double median, long bytes = 0)
    {
        Report report = new();
        report.Add(Json(Row("FastRmp", median, bytes), Row("C", 10, 0), Row("Scalar", 80, 0)));
        return report;
    }

    internal static string Json(params string[] rows) =>
        "{\"HostEnvironmentInfo\":{\"ProcessorName\":\"Some Processor\",\"RuntimeVersion\":\".NET 10.0.1\"},\"Benchmarks\":["
            + string.Join(",", rows) + "]}";

    internal static string Row(string method, double median, long bytes) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"FullName":"{{{Operation.RowOf(method)}}}","Statistics":{"Median":{{{median}}} },"Memory":{"BytesAllocatedPerOperation":{{{bytes}}} } }""");

    internal static string Row(string method, double median, double least) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"FullName":"{{{Operation.RowOf(method)}}}","Statistics":{"Min":{{{least}}},"Median":{{{median}}} },"Memory":{"BytesAllocatedPerOperation":0} }""");

    /// <summary>A row as BenchmarkDotNet writes it when the benchmark threw.</summary>
    internal static string Broken(string method) =>
        $$"""{"FullName":"{{Operation.RowOf(method)}}","Statistics":null,"Memory":{"BytesAllocatedPerOperation":0} }""";

    internal static Baseline Recorded(double ratio, string cpu = "GenuineIntel 6/207", int vectorBits = 512) =>
        new() { Entries = [Entry(ratio, cpu, vectorBits)] };

    internal static BaselineEntry Entry(double ratio, string cpu, int vectorBits) => new()
    {
        Cpu = cpu,
        VectorBits = vectorBits,
        Processor = "Some Processor",
        Runtime = ".NET 10.0.1",
        Compiler = "12.2.0",
        Date = "2026-01-01",
        Commit = "0123456789ab",
        Rows = new() { [Operation.Name] = new BaselineRow(ratio, 0) },
    };

    internal static string? FailureOf(Report report, Baseline baseline, Machine machine) =>
        GateRules.Evaluate([Operation], report, baseline, machine).Single().Failure;
}
