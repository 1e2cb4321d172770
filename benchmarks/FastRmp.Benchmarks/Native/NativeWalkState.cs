namespace FastRmp.Benchmarks.Native;

/// <summary>struct walk_state of fastrmp_bench.h.</summary>
internal struct NativeWalkState
{
    internal ulong Root;
    internal ulong CommonReserved;
    internal ulong UpperReserved;
    internal ulong PointerReserved;
    internal uint Levels;
    internal byte WriteProtect;
    internal byte NoExecute;
    internal byte Smep;
    internal byte Smap;
}
