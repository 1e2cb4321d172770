namespace FastRmp.Images;

/// <summary>How much of a machine's memory an image has.</summary>
/// <param name="Held">Bytes that it holds.</param>
/// <param name="Excluded">Bytes that its writer left out.</param>
/// <param name="Lost">Bytes that should be there and are not: the image was cut short, or a part of it is missing.</param>
/// <param name="Damaged">Bytes that are there and cannot be read, as far as that shows without decompressing them.</param>
public readonly record struct ImageByteCounts(ulong Held, ulong Excluded, ulong Lost, ulong Damaged);
