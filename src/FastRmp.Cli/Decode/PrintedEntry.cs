namespace FastRmp.Cli.Decode;

/// <summary>An entry of a command line.</summary>
/// <param name="Value">The raw value.</param>
/// <param name="Level">The level that its name says; null if it has none.</param>
internal readonly record struct PrintedEntry(ulong Value, PagingLevel? Level);
