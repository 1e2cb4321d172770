namespace FastRmp.Benchmarks.Native;

/// <summary>struct nested_walk_state of fastrmp_bench.h.</summary>
internal struct NativeNestedState
{
    internal NativeWalkState Guest;
    internal NativeWalkState Host;
    internal ulong GuestAddress;
    internal ulong HostAddress;
    internal ulong Encryption;
    internal ulong PrivateBelow;
    internal uint HasVirtualTom;
    internal uint Asid;
}
