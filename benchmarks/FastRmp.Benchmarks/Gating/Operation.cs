using System.Collections.Generic;

namespace FastRmp.Benchmarks.Gating;

/// <summary>One measured operation: the library's row, the C row that it is compared with, and rows beside them.</summary>
/// <param name="Title">What the table calls it.</param>
/// <param name="Class">The benchmark class.</param>
/// <param name="Parameters">The parameters as BenchmarkDotNet prints them behind the method; empty if there are none.</param>
/// <param name="Reference">The method with the C row of the same algorithm.</param>
/// <param name="Others">Methods that are measured for comparison, without a bound.</param>
/// <param name="Gates">Whether the gate runs it.</param>
internal sealed record Operation(string Title, string Class, string Parameters, string Reference, string[] Others, bool Gates)
{
    private const string Namespace = "FastRmp.Benchmarks.";
    private const string Library = "FastRmp";

    /// <summary>All operations, in the order of the table.</summary>
    internal static IReadOnlyList<Operation> All { get; } =
    [
        Walk("4-level walk, each needs the one before", "WalkDependent"),
        Walk("4-level walks, independent", "WalkIndependent"),
        Walk("walk + RMP check, each needs the one before", "WalkCheckedDependent"),
        Walk("walks + RMP check, independent", "WalkCheckedIndependent"),
        new("RMPUPDATE 4K, assign + release", "RmpUpdate4K", string.Empty, "CAtomics", ["CPlain"], Gates: true),
        new("RMPUPDATE 2M, assign + release", "RmpUpdate2M", string.Empty, "CAtomics", ["CPlain"], Gates: true),
        new("split 2M to 4K + rejoin", "SplitRejoin", string.Empty, "C", [], Gates: true),
        Scan("any of 512 assigned", "ScanAny", 512),
        Scan("any of 65,536 (1 MiB)", "ScanAny", 65_536),
        Scan("any of 4,194,304 (64 MiB)", "ScanAny", 4_194_304),
        Scan("count of 512 assigned", "ScanCount", 512),
        Scan("count of 65,536 (1 MiB)", "ScanCount", 65_536),
        Scan("count of 4,194,304 (64 MiB)", "ScanCount", 4_194_304),
    ];

    /// <summary>The name by which baseline.json knows it.</summary>
    internal string Name => Class + Parameters;

    /// <summary>The library's row.</summary>
    internal string Measured => RowOf(Library);

    /// <summary>The C row.</summary>
    internal string Compared => RowOf(Reference);

    /// <summary>The full name of a row, as the reports have it.</summary>
    internal string RowOf(string method) => Namespace + Class + "." + method + Parameters;

    /// <summary>Every row that a report must hold.</summary>
    internal IEnumerable<string> Rows()
    {
        yield return Measured;
        yield return Compared;
        foreach (string other in Others)
        {
            yield return RowOf(other);
        }
    }

    private static Operation Walk(string title, string type) => new(title, type, string.Empty, "C", [], Gates: true);

    private static Operation Scan(string title, string type, int entries) =>
        new(title, type, $"(Entries: {entries})", "C", ["Scalar", "CPlainLoop"], Gates: entries == 512);
}
