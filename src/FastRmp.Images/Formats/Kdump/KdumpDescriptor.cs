using System;

namespace FastRmp.Images;

/// <summary>Where a page's data lies in a compressed kdump.</summary>
/// <param name="Offset">Offset of the data.</param>
/// <param name="Size">Bytes of data.</param>
/// <param name="Flags">How it is compressed.</param>
/// <param name="PageFlags">Of no use; both writers leave it zero.</param>
internal readonly record struct KdumpDescriptor(ulong Offset, uint Size, uint Flags, ulong PageFlags = 0)
{
    internal const int Bytes = 24;

    private const uint PageBytes = KdumpHeader.BlockBytes;
    private const uint MaxSize = 2 * PageBytes; // a codec's worst case is a little above a page

    private const uint ZlibFlag = 0x01;
    private const uint LzoFlag = 0x02;
    private const uint SnappyFlag = 0x04;
    private const uint ZstdFlag = 0x20;
    private const uint Compressions = ZlibFlag | LzoFlag | SnappyFlag | ZstdFlag; // a dump's status has others beside them

    /// <summary>Whether it was never written: a dump that was cut short has zeros there.</summary>
    internal bool IsEmpty => Offset == 0 && Size == 0;

    /// <summary>Whether a writer could have made it: one compression that is known, and a size that it can have.</summary>
    internal bool IsPossible =>
        Size is not 0 and <= MaxSize && Compression is { } compression && (compression != PageCompression.None || Size == PageBytes);

    /// <summary>Whether it looks like a descriptor rather than like a page's data, perhaps with one bit flipped.</summary>
    /// <param name="dataAt">Where data begins.</param>
    internal bool Resembles(ulong dataAt)
    {
        const ulong MaxOffset = 1UL << 47; // the file may be cut: its size is no bound
        int right = (Offset >= dataAt && Offset < MaxOffset ? 1 : 0) + (Size is not 0 and <= MaxSize ? 1 : 0)
            + ((Flags & ~Compressions) == 0 && Compression is not null ? 1 : 0);
        return right == 3 || (right == 2 && PageFlags == 0);
    }

    /// <summary>The compression; null if the flags name none or several.</summary>
    internal PageCompression? Compression => (Flags & Compressions) switch
    {
        0 => PageCompression.None,
        ZlibFlag => PageCompression.Zlib,
        LzoFlag => PageCompression.Lzo,
        SnappyFlag => PageCompression.Snappy,
        ZstdFlag => PageCompression.Zstd,
        _ => null,
    };

    /// <summary>The names of the compressions that flags name, those of a page or of a whole dump; null if they name none.</summary>
    internal static string? CompressionNames(uint flags)
    {
        string names = string.Empty;
        foreach ((uint flag, string name) in (ReadOnlySpan<(uint, string)>)[
            (ZlibFlag, "zlib"), (LzoFlag, "lzo"), (SnappyFlag, "snappy"), (ZstdFlag, "zstd")])
        {
            if ((flags & flag) != 0) names += names.Length == 0 ? name : $" and {name}";
        }

        return names.Length == 0 ? null : names;
    }
}
