using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Map;

/// <summary>What the user wants listed.</summary>
/// <param name="Image">The image.</param>
/// <param name="Cpu">The processor whose CR3 to follow; null for the first one, if there is no <paramref name="Cr3"/>.</param>
/// <param name="Cr3">The root to follow instead; null for a processor's.</param>
/// <param name="IsFiveLevel">Whether the user says that there are five levels.</param>
/// <param name="Start">First address.</param>
/// <param name="Last">Last address, inclusive.</param>
/// <param name="Format">How to print.</param>
/// <param name="IsRanges">Whether to merge pages into ranges.</param>
internal sealed record MapRequest(
    ImageFiles Image, int? Cpu, ulong? Cr3, bool IsFiveLevel, ulong Start, ulong Last, MapFormat Format, bool IsRanges);
