using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <summary>Puts records in order of where they belong; where two have the same bytes, the later one counts.</summary>
internal static class FlattenedOrder
{
    /// <summary>Cuts records so that none lies over another.</summary>
    /// <param name="records">The records in order of the file; sorted by this.</param>
    /// <returns>The pieces in order of start, fewer than twice the records.</returns>
    internal static FlattenedPiece[] Apart(List<FlattenedPiece> records)
    {
        // In a file, later is further on: the position tells which of two was written last.
        records.Sort(static (left, right) => left.Start != right.Start
            ? left.Start.CompareTo(right.Start) : left.Position.CompareTo(right.Position));
        List<FlattenedPiece> pieces = new(records.Count);
        PriorityQueue<FlattenedPiece, ulong> open = new(); // the latest first
        int next = 0;
        ulong at = 0;
        while (next < records.Count || open.Count != 0)
        {
            if (open.Count == 0) at = records[next].Start;
            for (; next < records.Count && records[next].Start <= at; next++)
            {
                open.Enqueue(records[next], ulong.MaxValue - records[next].Position);
            }

            FlattenedPiece top = open.Peek();
            if (top.End <= at)
            {
                _ = open.Dequeue();
                continue;
            }

            ulong end = next < records.Count ? Math.Min(top.End, records[next].Start) : top.End;
            Add(pieces, new FlattenedPiece(at, end - at, top.Position + (at - top.Start)));
            at = end;
        }

        return [.. pieces];
    }

    private static void Add(List<FlattenedPiece> pieces, FlattenedPiece piece)
    {
        if (pieces.Count != 0 && pieces[^1] is { } last && last.End == piece.Start && last.Position + last.Length == piece.Position)
        {
            pieces[^1] = last with { Length = last.Length + piece.Length };
        }
        else
        {
            pieces.Add(piece);
        }
    }
}
