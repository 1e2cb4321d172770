namespace FastRmp.Benchmarks.Native;

/// <summary>struct rmp_core of fastrmp_bench.h: one core's share of RMPOPT.</summary>
internal unsafe struct NativeCore
{
    internal ulong Base;
    internal ulong Enabled;
    internal fixed ulong Stamps[2048];
}
