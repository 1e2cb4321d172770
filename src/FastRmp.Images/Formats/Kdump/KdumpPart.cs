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
        Known = header.HasTwoBitmaps ? PageBitmap.Read(source, header.BitmapAt, header.Pages, isCounted: false) : null;
        Dumped = PageBitmap.Read(source, header.DumpedAt, header.Pages, isCounted: true);
        FirstPage = header.IsSplit ? Math.Min(header.FirstPage, header.Pages) : 0;
        EndPage = header.IsSplit ? Math.Min(header.EndPage, header.Pages) : header.Pages;
        _before = Dumped.CountBefore(FirstPage);
        Pages = Math.Max(Dumped.CountBefore(EndPage), _before) - _before;
        DataAt = header.DescriptorsAt + (Pages * KdumpDescriptor.Bytes);
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

    /// <summary>How many pages it has, and so descriptors.</summary>
    internal ulong Pages { get; }

    /// <summary>Where its descriptors end: no page's data begins before.</summary>
    internal ulong DataAt { get; }

    /// <summary>Whether its descriptors cannot be told from one another: none of its pages is then read.</summary>
    internal bool IsDoubtful { get; set; }

    /// <summary>What the file has of a page of it.</summary>
    /// <param name="page">The page, in the range of this file.</param>
    /// <param name="descriptor">Where its data is, if it is present.</param>
    internal ImagePageStatus StatusOf(ulong page, out KdumpDescriptor descriptor)
    {
        descriptor = default;
        if (IsDoubtful) return ImagePageStatus.Damaged;
        if (!TryDescriptor(Dumped.CountBefore(page) - _before, out descriptor)) return ImagePageStatus.Lost;
        return StatusOf(descriptor);
    }

    /// <summary>What the file has of a page, by its descriptor: what a full disk cut off has none, or an empty one.</summary>
    internal ImagePageStatus StatusOf(in KdumpDescriptor descriptor)
    {
        if (IsDoubtful) return ImagePageStatus.Damaged;
        if (descriptor.IsEmpty) return ImagePageStatus.Lost;
        if (!descriptor.IsPossible || descriptor.Offset < DataAt) return ImagePageStatus.Damaged;
        return Source.Holds(descriptor.Offset, descriptor.Size) ? ImagePageStatus.Present : ImagePageStatus.Lost;
    }

    /// <summary>Counts its pages by their descriptors, all of which are looked at.</summary>
    internal void Count(ref ulong present, ref ulong damaged)
    {
        ulong last = Math.Min(Pages, (Source.Length - Math.Min(Header.DescriptorsAt, Source.Length)) / KdumpDescriptor.Bytes);
        for (ulong index = 0; index < last; index++)
        {
            if (!TryDescriptor(index, out KdumpDescriptor descriptor)) continue;
            ImagePageStatus status = StatusOf(descriptor);
            if (status == ImagePageStatus.Present) present++;
            else if (status == ImagePageStatus.Damaged) damaged++;
        }
    }

    /// <summary>Reads a descriptor by its index; false if the file does not hold it.</summary>
    internal bool TryDescriptor(ulong index, out KdumpDescriptor descriptor)
    {
        ulong at = Header.DescriptorsAt + (index * KdumpDescriptor.Bytes);
        Span<byte> copy = stackalloc byte[KdumpDescriptor.Bytes];
        ReadOnlySpan<byte> bytes = copy;
        if (!Source.TrySpan(at, KdumpDescriptor.Bytes, out ReadOnlySpan<byte> inPlace))
        {
            if (!Source.Holds(at, KdumpDescriptor.Bytes) || !Source.TryRead(at, copy))
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
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
        return true;
    }

    public void Dispose() => Source.Dispose();
}
