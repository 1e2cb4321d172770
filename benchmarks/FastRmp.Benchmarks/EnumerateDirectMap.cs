using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.DirectMap;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>Every mapping of a 4 GiB direct map in 4 KiB leaves, one after the other.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class EnumerateDirectMap
{
    private const ulong MappedBytes = 0x1_0000_0000UL;
    private const int Pages = (int)(MappedBytes >> 12);

    private readonly NativeBlock _native = new();

    private HostDirectMap? _map;

    private NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    private NativeWalkState* NativeState => (NativeWalkState*)(_native.Pointer + 64);

    [GlobalSetup]
    public void Setup()
    {
        HostDirectMap map = new([new PhysicalRange(default, MappedBytes)], new DirectMapOptions());
        if (map.SetMemory4K(default, Pages) != SplitStatus.Changed) throw new InvalidOperationException("The map was not split.");
        PinnedMemory tables = DirectMapInternals.Memory(DirectMapInternals.Tables(map));
        *NativeMemory = new NativeWalkMemory
        {
            Zero = tables.Pointer - map.Tables.Start.Value,
            Start = map.Tables.Start.Value,
            LastQword = tables.Length - sizeof(ulong)
        };
        *NativeState = NativeWalkState.From(map.State);
        _map = map;
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _map!.Dispose();
        _native.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Pages)]
    public ulong FastRmp()
    {
        MappingEnumerator<PinnedMemoryView> mappings = new(_map!.View(), _map.State);
        ulong sum = 0;
        while (mappings.MoveNext())
        {
            Mapping found = mappings.Current;
            sum += found.VirtualAddress.Value + found.Address.Value + found.Leaf.Value + (ulong)found.Size + (ulong)found.Rights;
        }

        return sum + (ulong)mappings.AbsentTables;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Pages)]
    public ulong C() => NativeBaselines.EnumerateMappings(NativeMemory, NativeState, 0, ulong.MaxValue);
}
