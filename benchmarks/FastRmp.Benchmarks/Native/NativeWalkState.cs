namespace FastRmp.Benchmarks.Native;

/// <summary>struct walk_state of fastrmp_bench.h.</summary>
internal struct NativeWalkState
{
    internal ulong Root;
    internal ulong UpperTableTest;
    internal ulong LowerTableTest;
    internal ulong SmallLeafTest;
    internal ulong LargeLeafTest;
    internal ulong GigabyteLeafTest;
    internal uint Levels;
    internal byte WriteProtect;
    internal byte NoExecute;
    internal byte Smep;
    internal byte Smap;
}
