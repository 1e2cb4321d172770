using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>Is any entry assigned? None is, so every scan goes to the end.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class ScanAny
{
    private const int Scans = 64;

    private EntryTable? _table;

    /// <summary>One region in the first-level cache, 1 MiB in the second, 64 MiB beyond both.</summary>
    [Params(512, 65_536, 4_194_304)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new EntryTable(Entries, assignedOneIn: 0, seed: 7);
        Agreement.Require((ulong)FastRmp(), C());
        Agreement.Require((ulong)Scalar(), CPlainLoop());
    }

    [GlobalCleanup]
    public void Cleanup() => _table?.Dispose();

    [Benchmark(Baseline = true, OperationsPerInvoke = Scans)]
    public int Scalar()
    {
        ReadOnlySpan<ulong> words = _table!.QuadWords;
        int found = 0;
        for (int i = 0; i < Scans; i++)
        {
            found += AssignedScan.AnyScalar(words) ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Scans)]
    public int FastRmp()
    {
        ReadOnlySpan<RmpEntry> entries = _table!.Entries;
        int found = 0;
        for (int i = 0; i < Scans; i++)
        {
            found += AssignedScan.Any(entries) ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Scans)]
    public unsafe ulong C() => NativeBaselines.ScanAny(_table!.Words, (ulong)Entries, Scans);

    [Benchmark(OperationsPerInvoke = Scans)]
    public unsafe ulong CPlainLoop() => NativeBaselines.ScanAnySimple(_table!.Words, (ulong)Entries, Scans);
}
