namespace FastRmp.Guarantee.Tests.Mutants;

/// <summary>One change of a source file.</summary>
/// <param name="File">The file below src/FastRmp.</param>
/// <param name="Snippet">Text that stands in the file exactly once.</param>
/// <param name="Replacement">What takes its place.</param>
public sealed record Edit(string File, string Snippet, string Replacement);
