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
        Longest = new OnePiece(_pieces[0]);
    }

    /// <inheritdoc/>
    internal override byte Kind => 0xA2;

    /// <summary>The longest piece.</summary>
    internal OnePiece Longest { get; }

    /// <summary>Whether there is but one.</summary>
    internal bool IsOnePiece => _pieces.Length == 1;

    /// <summary>A view for one call.</summary>
    internal CallerMemory View() => new(_pieces);
}
