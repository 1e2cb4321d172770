namespace FastRmp.Benchmarks.Native;

/// <summary>struct walk_memory of fastrmp_bench.h.</summary>
internal unsafe struct NativeWalkMemory
{
    internal byte* Zero;
    internal ulong Start;
    internal ulong LastQword;
}
