namespace FastRmp.Benchmarks.Native;

/// <summary>struct rmp_table of fastrmp_bench.h: the storage of a table, the state outside it, and of its model what the instructions look
/// at.</summary>
internal unsafe struct NativeRmpTable
{
    internal ulong* Words;
    internal ulong CoveredPages;
    internal ulong GpaMask;
    internal ulong Vmpl0;
    internal ulong BlockedBase;
    internal ulong* Versions;
    internal ulong* Counters;
    internal ulong* InUse;
    internal NativeOptimizations* Optimizations;
    internal NativeWindow* Windows;
    internal ulong WindowCount;
    internal uint PageShift;
    internal uint MaxAsid;
    internal uint Choices;
    internal uint HasRmpRead;
}
