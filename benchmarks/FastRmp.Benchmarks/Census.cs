using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The census of 16 GiB of memory: 64 MiB of entries, each looked at once.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class Census
{
    private const int Entries = 4_194_304;

    private readonly NativeBlock _native = new(3);
    private readonly RmpCensus _census = new();
    private PinnedMemory? _table;

    /// <summary>What the table holds.</summary>
    public enum Content
    {
        /// <summary>Free memory alone.</summary>
        Free,

        /// <summary>A busy host.</summary>
        Mixed,
    }

    [Params(Content.Free, Content.Mixed)]
    public Content Table { get; set; }

    private ulong* Words => (ulong*)_table!.Pointer;

    private NativeCensus* Native => (NativeCensus*)_native.Pointer;

    [GlobalSetup]
    public void Setup()
    {
        _table = PinnedMemory.Allocate((ulong)Entries * RmpEntry.SizeInBytes);
        if (Table == Content.Mixed) MixedTable.Fill(new Span<RmpEntry>(Words, Entries), seed: 43);
        AgreeOnDamage();
        Agreement.Require(FastRmp(), C());
        if (!_census.IsConsistent) throw new InvalidOperationException("The table is not one of a healthy host.");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _table!.Dispose();
        _native.Dispose();
    }

    // Both add to what they counted before: that allocates nothing, and how far the numbers went does not matter.
    [Benchmark]
    public ulong FastRmp()
    {
        _census.Add(default, new ReadOnlySpan<RmpEntry>(Words, Entries));
        _ = _census.PagesIn(PageState.Hypervisor); // sums up, as the other does at its end
        return _census.AssignedPages;
    }

    [Benchmark(Baseline = true)]
    public ulong C() => NativeBaselines.Census(Native, Words, Entries);

    /// <summary>A plain read of the same bytes: the bandwidth of memory.</summary>
    [Benchmark]
    public ulong MemoryRead() => NativeBaselines.MemoryRead(Words, 2UL * Entries);

    /// <summary>All numbers of both, over a table in which one entry of each of 64 regions is damaged.</summary>
    private void AgreeOnDamage()
    {
        Random random = new(47);
        ulong[] saved = new Span<ulong>(Words, Entries * 2).ToArray();
        for (int i = 0; i < 64; i++)
        {
            Words[2 * ((512 * i) + random.Next(512))] ^= (ulong)random.NextInt64() & (ulong)random.NextInt64() & (ulong)random.NextInt64();
        }

        RmpCensus census = new();
        census.Add(default, new ReadOnlySpan<RmpEntry>(Words, Entries));
        _ = NativeBaselines.Census(Native, Words, Entries);
        RequireSame(census);
        *Native = default;
        saved.CopyTo(new Span<ulong>(Words, Entries * 2));
    }

    private void RequireSame(RmpCensus census)
    {
        ulong[] totals =
            [census.Pages, census.AssignedPages, census.CountedPages, census.LargePages, census.VmsaPages, census.IsConsistent ? 0UL : 1UL];
        for (int i = 0; i < NativeCensus.TotalKinds; i++)
        {
            Agreement.Require(totals[i], Native->Totals[i]);
        }

        for (int i = 0; i < NativeCensus.States; i++)
        {
            Agreement.Require(census.PagesIn((PageState)i), Native->ByState[i]);
        }

        for (int i = 0; i < NativeCensus.FindingKinds; i++)
        {
            Agreement.Require(census.FindingsOf((RmpCensusFindingKind)i), Native->ByFinding[i]);
        }

        for (int i = 0; i < NativeCensus.Asids; i++)
        {
            Agreement.Require(census.PagesOf((uint)i), Native->ByAsid[i]);
        }
    }
}
