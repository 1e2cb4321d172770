namespace FastRmp.Cli.Decode;

/// <summary>An RMP entry of a command line.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="HasHigh">Whether the high quadword is known.</param>
/// <param name="Note">What a reader has to know of the form that it was printed in; null if nothing.</param>
internal readonly record struct PrintedRmpEntry(RmpEntry Entry, bool HasHigh, string? Note);
