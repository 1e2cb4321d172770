using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>The version of bytes that never change.</summary>
internal static unsafe class FixedVersion
{
    private static readonly uint[] Word = GC.AllocateArray<uint>(1, pinned: true);

    /// <summary>Points at zero for ever.</summary>
    internal static readonly uint* Pointer = (uint*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Word)); // Safety: pinned.
}
