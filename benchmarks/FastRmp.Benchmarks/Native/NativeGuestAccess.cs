namespace FastRmp.Benchmarks.Native;

/// <summary>struct guest_access of fastrmp_bench.h.</summary>
internal struct NativeGuestAccess
{
    internal uint Asid;
    internal byte Vmpl;
    internal byte Cpl;
    internal byte Kind;
    internal byte IsPrivate;
    internal byte IsSnpGuest;
}
