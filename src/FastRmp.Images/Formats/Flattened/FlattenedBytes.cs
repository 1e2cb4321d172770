using System;

namespace FastRmp.Images;

/// <summary>The dump that a flattened file stands for, read through the index of its records: nothing is rearranged.</summary>
internal sealed class FlattenedBytes(ByteSource source, FlattenedPiece[] pieces) : ByteSource
{
    internal override ulong Length { get; } = pieces[^1].End;

    internal override ulong HeldBytes => source.HeldBytes;

    internal override bool IsLive => source.IsLive;

    internal override int Read(ulong offset, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length && offset < Length)
        {
            FlattenedPiece piece = pieces[FirstEndingAbove(offset)];
            Span<byte> rest = destination[done..];
            if (piece.Start > offset)
            {
                int zeros = (int)Math.Min((ulong)rest.Length, piece.Start - offset);
                rest[..zeros].Clear();
                done += zeros;
                offset += (uint)zeros;
                continue;
            }

            int wanted = (int)Math.Min((ulong)rest.Length, piece.End - offset);
            int count = source.Read(piece.Position + (offset - piece.Start), rest[..wanted]);
            done += count;
            offset += (uint)count;
            if (count != wanted) break;
        }

        return done;
    }

    internal override bool TrySpan(ulong offset, int length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length < 0 || !Contains(offset, (ulong)length) || offset == Length) return false;
        FlattenedPiece piece = pieces[FirstEndingAbove(offset)];
        return piece.Start <= offset && (ulong)length <= piece.End - offset
            && source.TrySpan(piece.Position + (offset - piece.Start), length, out bytes);
    }

    internal override bool Holds(ulong offset, ulong length)
    {
        if (!Contains(offset, length)) return false;
        for (int index = length == 0 ? pieces.Length : FirstEndingAbove(offset); index < pieces.Length; index++)
        {
            FlattenedPiece piece = pieces[index];
            if (piece.Start > offset) return false;
            if (length <= piece.End - offset) return true;
            length -= piece.End - offset;
            offset = piece.End;
        }

        return length == 0;
    }

    internal override ulong NextData(ulong offset) =>
        offset >= Length ? offset : Math.Max(offset, pieces[FirstEndingAbove(offset)].Start);

    public override void Dispose()
    {
        base.Dispose();
        source.Dispose();
    }

    private int FirstEndingAbove(ulong offset)
    {
        int low = 0;
        int high = pieces.Length - 1;
        while (low < high)
        {
            int middle = (int)(((uint)low + (uint)high) >> 1);
            if (pieces[middle].End > offset) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}
