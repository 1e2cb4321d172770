namespace FastRmp.Benchmarks.Native;

/// <summary>struct direct_map of fastrmp_bench.h.</summary>
internal unsafe struct NativeDirectMap
{
    internal byte* Tables;
    internal ulong TablesStart;
    internal ulong FreeOffset;
    internal long Untouched;
    internal long Taken;
    internal long Capacity;
    internal ulong Root;
    internal ulong VirtualBase;
    internal ulong* Ram;
    internal ulong RamCount;
    internal uint Levels;
    internal uint GigabytePages;
    internal fixed long Leaves[3];
    internal long Peak4K;
    internal fixed long Splits[3];
    internal fixed long Rejoins[3];
    internal long PeakTables;
    internal long GlobalFlushes;
}
