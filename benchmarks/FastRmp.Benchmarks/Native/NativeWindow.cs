namespace FastRmp.Benchmarks.Native;

/// <summary>struct rmp_window of fastrmp_bench.h: a segment of a segmented RMP.</summary>
internal struct NativeWindow
{
    internal ulong EndPage;
    internal ulong ToIndex;
}
