namespace FastRmp.Images;

/// <summary>A chunk of Snappy's framing format.</summary>
/// <param name="At">Where its data begins in the file, behind the chunk's header.</param>
/// <param name="Size">Bytes of data, the checksum among them.</param>
/// <param name="IsCompressed">Whether the rest is a Snappy block; else it is the bytes themselves.</param>
/// <param name="Start">Physical address of its first byte.</param>
/// <param name="Length">Bytes after decompression.</param>
internal readonly record struct AvmlChunk(ulong At, int Size, bool IsCompressed, ulong Start, int Length);
