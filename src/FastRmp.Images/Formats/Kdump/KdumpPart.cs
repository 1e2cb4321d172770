using System;
using System.Buffers.Binary;

namespace FastRmp.Images;

/// <summary>One file of a compressed kdump: all of it, or a part of a split one.</summary>
internal sealed class KdumpPart : IDisposable
{
    private readonly ulong _before; // bits below the first page: the descriptors begin behind them

    internal KdumpPart(string name, ByteSource source, KdumpHeader header)
    {
        Name = name;
        Source = source;
        Header = header;
        ulong half = header.HasTwoBitmaps ? header.BitmapBytes / 2 : 0;
        Known = header.HasTwoBitmaps ? PageBitmap.Read(source, header.BitmapAt, header.Pages, isCounted: false) : null;
        Dumped = PageBitmap.Read(source, header.BitmapAt + half, header.Pages, isCounted: true);
        FirstPage = header.IsSplit ? Math.Min(header.FirstPage, header.Pages) : 0;
        EndPage = header.IsSplit ? Math.Min(header.EndPage, header.Pages) : header.Pages;
        _before = Dumped.CountBefore(FirstPage);
    }

    internal string Name { get; }

    internal ByteSource Source { get; }

    internal KdumpHeader Header { get; }

    /// <summary>The pages that the machine has; null if the dump does not say.</summary>
    internal PageBitmap? Known { get; }

    /// <summary>The pages that the dump has, in all its parts.</summary>
    internal PageBitmap Dumped { get; }

    /// <summary>The first page that this file has.</summary>
    internal ulong FirstPage { get; }

    /// <summary>The page behind the last.</summary>
    internal ulong EndPage { get; }

    /// <summary>Reads the descriptor of a page of this file whose bit is set.</summary>
    internal bool TryDescriptor(ulong page, out KdumpDescriptor descriptor)
    {
        ulong at = Header.DescriptorsAt + ((Dumped.CountBefore(page) - _before) * KdumpDescriptor.Bytes);
        Span<byte> copy = stackalloc byte[KdumpDescriptor.Bytes];
        ReadOnlySpan<byte> bytes = copy;
        if (!Source.TrySpan(at, KdumpDescriptor.Bytes, out ReadOnlySpan<byte> inPlace))
        {
            if (!Source.TryRead(at, copy))
            {
                descriptor = default;
                return false;
            }
        }
        else
        {
            bytes = inPlace;
        }

        descriptor = new KdumpDescriptor(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]));
        return true;
    }

    public void Dispose() => Source.Dispose();
}
