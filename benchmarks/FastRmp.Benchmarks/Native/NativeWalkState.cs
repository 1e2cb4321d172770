using FastRmp.Paging;

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
    internal ulong AddressMask;
    internal ulong KeyDoubts;
    internal uint Pkru; // the workloads have no keys
    internal uint Pkrs;
    internal uint Levels;
    internal byte WriteProtect;
    internal byte NoExecute;
    internal byte Smep;
    internal byte Smap;
    internal byte ReportsFetch;

    internal static NativeWalkState From(in PagingState state) => new()
    {
        Root = state.Root.Value,
        UpperTableTest = state.UpperTableTest,
        LowerTableTest = state.LowerTableTest,
        SmallLeafTest = state.SmallLeafTest,
        LargeLeafTest = state.LargeLeafTest,
        GigabyteLeafTest = state.GigabyteLeafTest,
        AddressMask = state.AddressMask,
        KeyDoubts = state.Keys.KeyCheckMask,
        Pkru = 0,
        Pkrs = 0,
        Levels = (uint)state.TopLevel,
        WriteProtect = state.WriteProtect ? (byte)1 : (byte)0,
        NoExecute = state.NoExecute ? (byte)1 : (byte)0,
        Smep = state.Smep ? (byte)1 : (byte)0,
        Smap = state.Smap ? (byte)1 : (byte)0,
        ReportsFetch = state.ReportsFetch ? (byte)1 : (byte)0,
    };
}
