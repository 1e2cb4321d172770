using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>How many entries are assigned? A third of them, in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public class ScanCount
{
    private const int Scans = 64;

    private EntryTable? _table;

    /// <summary>One region in the first-level cache, 1 MiB in the second, 64 MiB beyond both.</summary>
    [Params(512, 65_536, 4_194_304)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _table = new EntryTable(Entries, assignedOneIn: 3, seed: 7);
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
            found += AssignedScan.CountScalar(words);
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
            found += AssignedScan.Count(entries);
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Scans)]
    public unsafe ulong C() => NativeBaselines.ScanCount(_table!.Words, (ulong)Entries, Scans);

    [Benchmark(OperationsPerInvoke = Scans)]
    public unsafe ulong CPlainLoop() => NativeBaselines.ScanCountSimple(_table!.Words, (ulong)Entries, Scans);
}
