using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>Checks and look-ups of random pages of a busy host of 16 GiB, whose 64 MiB of entries no cache holds, in batches, against C
/// that prefetches the entries of later pages, and beside single calls.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class EntryBatch
{
    private const int Pages = 1 << 18;
    private const int BatchSize = 1024;
    private const ulong CoveredBytes = 0x4_0000_0000UL;

    private readonly PageFaultErrorCode[] _faults = new PageFaultErrorCode[BatchSize];
    private readonly PageState[] _states = new PageState[BatchSize];

    private RmpWorkload<ContiguousGeometry>? _rmp;
    private RandomAddresses? _pages;

    /// <summary>What is asked of the entries.</summary>
    public enum Question
    {
        /// <summary>Whether the host may write through a 4 KiB mapping: one entry.</summary>
        HostWrite,

        /// <summary>The state of the page: its entry and its region's.</summary>
        State,
    }

    /// <summary>What is asked.</summary>
    [Params(Question.HostWrite, Question.State)]
    public Question Of { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _rmp = Machines.Genoa(CoveredBytes);
        _ = _rmp.Table.Geometry.TryGetIndex(default, out nuint first);
        MixedTable.Fill(
            new Span<RmpEntry>(_rmp.NativeTable->Words + (2 * first), (int)(CoveredBytes >> PageSize.Size4K.Shift())), seed: 71);
        _pages = new RandomAddresses(Pages, 0, (int)(CoveredBytes >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 73);
        Agreement.Require(FastRmp(), C());
        Agreement.Require(OneByOne(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages!.Dispose();
        _rmp!.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Pages)]
    public ulong FastRmp()
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp!.Table;
        ReadOnlySpan<PhysicalAddress> pages = new(_pages!.Pointer, Pages); // an address is its quadword
        ulong sum = 0;
        for (int i = 0; i < Pages; i += BatchSize)
        {
            sum += Of == Question.State ? States(table, pages.Slice(i, BatchSize)) : Writes(table, pages.Slice(i, BatchSize));
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Pages)]
    public ulong OneByOne()
    {
        ReverseMapTable<ContiguousGeometry> table = _rmp!.Table;
        ReadOnlySpan<PhysicalAddress> pages = new(_pages!.Pointer, Pages);
        ulong sum = 0;
        foreach (PhysicalAddress page in pages)
        {
            sum += Of == Question.State
                ? (ulong)table.StateOf(page)
                : RmpCheck.Host(table, AccessKind.Write, page, PageSize.Size4K).Value;
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Pages)]
    public ulong C() => Of == Question.State
        ? NativeBaselines.PageStatesAhead(_rmp!.NativeTable, _pages!.Pointer, Pages)
        : NativeBaselines.HostCheckAhead(_rmp!.NativeTable, _pages!.Pointer, Pages);

    private ulong Writes(ReverseMapTable<ContiguousGeometry> table, ReadOnlySpan<PhysicalAddress> pages)
    {
        RmpCheck.Host(table, AccessKind.Write, pages, PageSize.Size4K, isUser: false, _faults);
        ulong sum = 0;
        foreach (PageFaultErrorCode fault in _faults)
        {
            sum += fault.Value;
        }

        return sum;
    }

    private ulong States(ReverseMapTable<ContiguousGeometry> table, ReadOnlySpan<PhysicalAddress> pages)
    {
        table.StatesOf(pages, _states);
        ulong sum = 0;
        foreach (PageState state in _states)
        {
            sum += (ulong)state;
        }

        return sum;
    }
}
