using System;
using FastRmp.Benchmarks.Native;
using FastRmp.DirectMap;

namespace FastRmp.Benchmarks.Data;

/// <summary>4 MiB of a direct map in 4 KiB leaves: tables, RMP entries and addresses together stay in the first-level cache, so that the
/// walk itself is measured.</summary>
internal sealed unsafe class WalkWorkload : IDisposable
{
    internal const int Walks = 1024;

    private const ulong MappedBytes = 0x40_0000UL;
    private const int MappedPages = (int)(MappedBytes >> 12);

    private readonly RandomAddresses _addresses;
    private readonly NativeBlock _native = new();

    internal WalkWorkload()
    {
        Map = new HostDirectMap([new PhysicalRange(default, MappedBytes)], new DirectMapOptions());
        if (Map.SetMemory4K(default, (ulong)MappedPages) != SplitStatus.Changed)
        {
            throw new InvalidOperationException("The map was not split.");
        }

        Rmp = Machines.Genoa(MappedBytes);
        _addresses = new RandomAddresses(Walks, Map.VirtualBase.Value, MappedPages, PageSize.Size4K.Bytes(), seed: 11);
        PinnedMemory tables = DirectMapInternals.Memory(DirectMapInternals.Tables(Map));
        *NativeMemory = new NativeWalkMemory
        {
            Zero = tables.Pointer - Map.Tables.Start.Value,
            Start = Map.Tables.Start.Value,
            LastQword = tables.Length - sizeof(ulong)
        };
        *NativeState = NativeWalkState.From(Map.State);
    }

    internal HostDirectMap Map { get; }

    internal RmpWorkload<ContiguousGeometry> Rmp { get; }

    internal ulong* Addresses => _addresses.Pointer;

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeWalkState* NativeState => (NativeWalkState*)(_native.Pointer + 64);

    public void Dispose()
    {
        _native.Dispose();
        _addresses.Dispose();
        Rmp.Dispose();
        Map.Dispose();
    }
}
