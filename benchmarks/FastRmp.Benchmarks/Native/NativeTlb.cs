using System.Runtime.InteropServices;

namespace FastRmp.Benchmarks.Native;

/// <summary>struct tlb of fastrmp_bench.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeTlb
{
    internal const int FirstBytes = 32;
    internal const int SecondBytes = 48;
    internal const int Ways = 4;
    internal const int Stamps = 1024;

    internal void* First;
    internal ulong FirstMask;
    internal void* Second;
    internal ulong SetMask;
    internal ulong* StampWords;
    internal ulong Context;
    internal ulong Key;
    internal ulong Victim;
}
