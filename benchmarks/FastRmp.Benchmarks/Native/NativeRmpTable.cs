namespace FastRmp.Benchmarks.Native;

/// <summary>struct rmp_table of fastrmp_bench.h: the storage of a table, and of its model what RMPUPDATE looks at.</summary>
internal unsafe struct NativeRmpTable
{
    internal ulong* Words;
    internal ulong CoveredPages;
    internal ulong GpaMask;
    internal ulong Vmpl0;
    internal uint MaxAsid;
    internal uint Choices;
}
