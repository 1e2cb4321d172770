namespace FastRmp.Images;

/// <summary>A quadword that was looked for: two words, so that it is returned in registers.</summary>
/// <param name="Value">The quadword; zero if it was not found.</param>
/// <param name="Count">1 if it was found, else 0.</param>
internal readonly record struct FoundQuadword(ulong Value, ulong Count);
