using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>struct frmp_nested: the state of nested walks, as <see cref="PagingBlock"/>.</summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal struct NestedBlock
{
    /// <summary>The size in the header.</summary>
    internal const int Bytes = 512;

    private const ulong ItsMark = 0x3154_534E_504D_5246UL; // "FRMPNST1"

    private ulong _mark;
    private NestedPagingState _state;

    /// <summary>Whether frmp_nested_init filled it.</summary>
    internal readonly bool IsFilled => _mark == ItsMark;

    /// <summary>Fills a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="state">The state.</param>
    internal static void Fill(ref NestedBlock block, in NestedPagingState state)
    {
        block._state = state;
        block._mark = ItsMark;
    }

    /// <summary>The state.</summary>
    internal static ref readonly NestedPagingState StateOf(ref readonly NestedBlock block) => ref block._state;
}
