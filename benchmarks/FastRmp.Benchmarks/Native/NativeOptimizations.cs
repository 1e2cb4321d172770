namespace FastRmp.Benchmarks.Native;

/// <summary>struct rmp_optimizations of fastrmp_bench.h: chunks of 2048 regions, as pointers.</summary>
internal unsafe struct NativeOptimizations
{
    internal const int Chunks = 2048;

    internal fixed ulong Stamps[Chunks];
    internal fixed ulong Verified[Chunks];
}
