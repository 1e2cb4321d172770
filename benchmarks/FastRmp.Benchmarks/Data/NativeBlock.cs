using System;
using System.Runtime.InteropServices;

namespace FastRmp.Benchmarks.Data;

/// <summary>Zeroed memory that does not move: for the structures that are handed to C.</summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    private const nuint PageBytes = 4096;

    /// <summary>Allocates.</summary>
    /// <param name="pages">Pages of 4 KiB.</param>
    internal NativeBlock(int pages = 1)
    {
        nuint bytes = (nuint)pages * PageBytes;
        Pointer = (byte*)NativeMemory.AlignedAlloc(bytes, PageBytes);
        NativeMemory.Clear(Pointer, bytes);
    }

    internal byte* Pointer { get; }

    public void Dispose() => NativeMemory.AlignedFree(Pointer);
}
