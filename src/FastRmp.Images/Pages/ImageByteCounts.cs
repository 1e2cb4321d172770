namespace FastRmp.Images;

/// <summary>How much of a machine's memory an image has.</summary>
/// <param name="Held">Bytes that it holds.</param>
/// <param name="Excluded">Bytes that its writer left out.</param>
/// <param name="Lost">Bytes that should be there and are not: the image was cut short.</param>
public readonly record struct ImageByteCounts(ulong Held, ulong Excluded, ulong Lost);
