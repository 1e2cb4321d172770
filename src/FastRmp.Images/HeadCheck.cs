using System;

namespace FastRmp.Images;

/// <summary>Looks at the beginning of a file that is to be unpacked into memory, so that what cannot be used is not unpacked
/// first.</summary>
/// <param name="name">The input's name.</param>
/// <param name="packing">The compression around it; null if there is none.</param>
/// <param name="head">Its first bytes, <see cref="ImageFile.HeadBytes"/> or more.</param>
/// <returns>How many bytes can be of use: the rest is left where it is.</returns>
/// <exception cref="MalformedInputException">It is of no use.</exception>
internal delegate ulong HeadCheck(string name, string? packing, ReadOnlySpan<byte> head);
