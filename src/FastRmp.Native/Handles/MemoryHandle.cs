using System;

namespace FastRmp.Native;

/// <summary>The caller's RAM: segments of its own memory, each at a physical address.</summary>
/// <remarks>Immutable; the longest segment comes first, which is where most paging structures are.</remarks>
internal sealed unsafe class MemoryHandle : LiveHandle
{
    private readonly MemoryPiece[] _pieces;

    internal MemoryHandle(ReadOnlySpan<MemoryPiece> pieces)
    {
        _pieces = GC.AllocateArray<MemoryPiece>(pieces.Length, pinned: true);
        pieces.CopyTo(_pieces);
        Array.Sort(_pieces, static (left, right) => right.Length.CompareTo(left.Length));
    }

    /// <inheritdoc/>
    internal override byte Kind => 0xA2;

    /// <summary>The piece, if it is the only one.</summary>
    /// <param name="piece">The piece.</param>
    /// <returns>Whether there is but one.</returns>
    internal bool IsOnePiece(out OnePiece piece)
    {
        piece = new OnePiece(_pieces[0]);
        return _pieces.Length == 1;
    }

    /// <summary>A view for one call.</summary>
    internal CallerMemory View() => new(_pieces);
}
