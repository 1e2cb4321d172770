using System;
using System.Runtime.InteropServices;

namespace FastRmp.Benchmarks.Data;

/// <summary>4 KiB of zeroed memory that does not move: for the structures that are handed to C.</summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    private const nuint Bytes = 4096;

    internal NativeBlock()
    {
        Pointer = (byte*)NativeMemory.AlignedAlloc(Bytes, Bytes);
        NativeMemory.Clear(Pointer, Bytes);
    }

    internal byte* Pointer { get; }

    public void Dispose() => NativeMemory.AlignedFree(Pointer);
}
