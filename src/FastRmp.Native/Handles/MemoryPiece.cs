using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_segment: a piece of the caller's memory that holds a range of physical memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct MemoryPiece
{
    /// <summary>Physical address of the first byte.</summary>
    internal ulong Start { get; init; }

    /// <summary>Bytes.</summary>
    internal ulong Length { get; init; }

    /// <summary>The first byte.</summary>
    internal byte* Pointer { get; init; }
}
