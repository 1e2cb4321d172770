using System;
using FastRmp.Benchmarks.Native;
using FastRmp.DirectMap;

namespace FastRmp.Benchmarks.Data;

/// <summary>512 MiB of a direct map in 2 MiB leaves; too little for a 1 GiB leaf, so that a join ends at 2 MiB. C works on the same
/// tables.</summary>
internal sealed unsafe class SplitWorkload : IDisposable
{
    internal const int Pairs = 64;

    private const ulong MappedBytes = 0x2000_0000UL;

    private readonly RandomAddresses _regions;
    private readonly NativeBlock _native = new();

    internal SplitWorkload()
    {
        Map = new HostDirectMap([new PhysicalRange(default, MappedBytes)], new DirectMapOptions());
        _regions = new RandomAddresses(Pairs, 0, (int)(MappedBytes >> PageSize.Size2M.Shift()), PageSize.Size2M.Bytes(), seed: 13);
        TablePool pool = DirectMapInternals.Tables(Map);
        PinnedMemory tables = DirectMapInternals.Memory(pool);
        Ram[0] = 0;
        Ram[1] = MappedBytes;
        *NativeMap = new NativeDirectMap
        {
            Tables = tables.Pointer,
            TablesStart = pool.Start.Value,
            FreeOffset = DirectMapInternals.FreeList(pool),
            Untouched = DirectMapInternals.Untouched(pool),
            Taken = pool.Taken,
            Capacity = pool.Taken + pool.Available,
            Root = Map.State.Root.Value,
            VirtualBase = Map.VirtualBase.Value,
            Ram = Ram,
            RamCount = 1,
            Levels = 4,
            GigabytePages = 1,
            Peak4K = 0,
            PeakTables = pool.Taken,
            GlobalFlushes = 0,
        };
        NativeMap->Leaves[1] = Map.Statistics.Leaves2M;
    }

    internal HostDirectMap Map { get; }

    internal ulong* Regions => _regions.Pointer;

    internal NativeDirectMap* NativeMap => (NativeDirectMap*)_native.Pointer;

    private ulong* Ram => (ulong*)(_native.Pointer + 1024);

    /// <summary>Both sides must leave whole 2 MiB leaves behind.</summary>
    internal void RequireJoined()
    {
        for (ulong page = 0; page < MappedBytes; page += PageSize.Size2M.Bytes())
        {
            if (!Map.TryGetMapping(PhysicalAddress.Create(page), out PageSize size) || size != PageSize.Size2M)
            {
                throw new InvalidOperationException($"The region at 0x{page:x} was not joined again.");
            }
        }
    }

    public void Dispose()
    {
        _native.Dispose();
        _regions.Dispose();
        Map.Dispose();
    }
}
