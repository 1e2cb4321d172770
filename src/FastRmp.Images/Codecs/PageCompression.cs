namespace FastRmp.Images;

/// <summary>How a page is compressed.</summary>
internal enum PageCompression
{
    None,
    Zlib,
    Lzo,
    Snappy,
    Zstd,
}
