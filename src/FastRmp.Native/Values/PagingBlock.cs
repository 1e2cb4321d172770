using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>struct frmp_paging: the state of a walk in the caller's memory. What is in it are numbers alone: whatever a caller writes
/// there, walks stay inside the memory that they are given.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct PagingBlock
{
    /// <summary>The size in the header.</summary>
    internal const int Bytes = 256;

    private const ulong ItsMark = 0x3147_4150_504D_5246UL; // "FRMPPAG1"

    private ulong _mark;
    private PagingState _state;

    /// <summary>Whether frmp_paging_init filled it.</summary>
    internal readonly bool IsFilled => _mark == ItsMark;

    /// <summary>Fills a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="state">The state.</param>
    internal static void Fill(ref PagingBlock block, in PagingState state)
    {
        block._state = state;
        block._mark = ItsMark;
    }

    /// <summary>The state.</summary>
    internal static ref readonly PagingState StateOf(ref readonly PagingBlock block) => ref block._state;
}
