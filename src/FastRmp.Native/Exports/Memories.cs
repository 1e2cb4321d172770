using System;
using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>The caller's RAM.</summary>
internal static unsafe class Memories
{
    private const ulong MostPieces = 4096;

    /// <summary>frmp_memory_create.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_memory_create")]
    internal static int Create(MemoryPiece* segments, ulong count, ulong* memory)
    {
        try
        {
            if (memory is null) return Refusals.Null("memory");
            *memory = 0;
            if (segments is null) return Refusals.Null("segments");
            if (count is 0 or > MostPieces) return Refusals.Size("count", count, MostPieces);
            MemoryPiece[] pieces = new ReadOnlySpan<MemoryPiece>(segments, (int)count).ToArray();
            foreach (ref readonly MemoryPiece piece in pieces.AsSpan())
            {
                int code = Test(piece);
                if (code != (int)ErrorCode.Ok) return code;
            }

            Array.Sort(pieces, static (left, right) => left.Start.CompareTo(right.Start));
            for (int i = 1; i < pieces.Length; i++)
            {
                if (pieces[i - 1].Start + pieces[i - 1].Length <= pieces[i].Start) continue;
                return LastError.Set(ErrorCode.Configuration, $"Two segments hold the physical address 0x{pieces[i].Start:x}.");
            }

            *memory = HandleTable.Add(new MemoryHandle(pieces));
            return *memory == 0 ? Refusals.TooMany() : (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    private static int Test(in MemoryPiece piece)
    {
        ulong within = PageSize.Size4K.OffsetMask();
        if (piece.Pointer is null) return Refusals.Null("segment->pointer");
        if ((piece.Start & within) != 0) return Refusals.Misaligned("segment->start", piece.Start);
        if (((ulong)piece.Pointer & within) != 0) return Refusals.Misaligned("segment->pointer", (ulong)piece.Pointer);
        if (piece.Length == 0 || (piece.Length & within) != 0 || piece.Length - 1 > ulong.MaxValue - (ulong)piece.Pointer)
        {
            return Refusals.Size("segment->length", piece.Length, PageSize.Size4K.Bytes());
        }

        bool fits = piece.Start <= PhysicalAddress.ValidMask && piece.Length <= PhysicalAddress.ValidMask + 1 - piece.Start;
        return fits ? (int)ErrorCode.Ok : Refusals.Address("segment->start", piece.Start);
    }
}
