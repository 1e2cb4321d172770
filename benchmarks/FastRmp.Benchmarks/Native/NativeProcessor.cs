namespace FastRmp.Benchmarks.Native;

/// <summary>struct rmp_processor of fastrmp_bench.h.</summary>
internal struct NativeProcessor
{
    internal uint Is64Bit;
    internal uint Cpl;
    internal uint Asid;
    internal uint SnpEnabled;
    internal uint Vmpl;
    internal uint SnpGuest;
}
