namespace FastRmp.Benchmarks.Native;

/// <summary>struct rmp_census of fastrmp_bench.h.</summary>
internal unsafe struct NativeCensus
{
    internal const int States = 13;
    internal const int FindingKinds = 10;
    internal const int TotalKinds = 6;
    internal const int Asids = 1023;

    internal fixed ulong ByState[States];
    internal fixed ulong ByFinding[FindingKinds];
    internal fixed ulong Totals[TotalKinds]; // pages, assigned, counted, large, VMSA, inconsistent
    internal fixed ulong ByAsid[Asids];
}
