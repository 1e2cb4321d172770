namespace FastRmp.Images;

/// <summary>Where a page's data lies in a compressed kdump.</summary>
/// <param name="Offset">Offset of the data.</param>
/// <param name="Size">Bytes of data.</param>
/// <param name="Flags">How it is compressed.</param>
internal readonly record struct KdumpDescriptor(ulong Offset, uint Size, uint Flags)
{
    internal const int Bytes = 24;

    private const uint ZlibFlag = 0x01;
    private const uint LzoFlag = 0x02;
    private const uint SnappyFlag = 0x04;
    private const uint ZstdFlag = 0x20;

    /// <summary>Whether it was never written: a dump that was cut short has zeros there.</summary>
    internal bool IsEmpty => Offset == 0 && Size == 0;

    /// <summary>The compression; null if the flags name none or several.</summary>
    internal PageCompression? Compression => (Flags & (ZlibFlag | LzoFlag | SnappyFlag | ZstdFlag)) switch
    {
        0 => PageCompression.None,
        ZlibFlag => PageCompression.Zlib,
        LzoFlag => PageCompression.Lzo,
        SnappyFlag => PageCompression.Snappy,
        ZstdFlag => PageCompression.Zstd,
        _ => null,
    };

    /// <summary>The name of the compression that flags name, those of a page or of a whole dump; null if they name none or
    /// several.</summary>
    internal static string? CompressionName(uint flags) => new KdumpDescriptor(0, 0, flags).Compression switch
    {
        PageCompression.Zlib => "zlib",
        PageCompression.Lzo => "lzo",
        PageCompression.Snappy => "snappy",
        PageCompression.Zstd => "zstd",
        _ => null,
    };
}
