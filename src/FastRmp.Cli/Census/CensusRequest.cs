using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Census;

/// <summary>What the user wants counted.</summary>
/// <param name="Image">The image.</param>
/// <param name="Rmp">Where the RMP is, or how to find it.</param>
/// <param name="Scans">Whether assigned pages are counted by looking at every entry.</param>
/// <param name="ListsOwners">Whether ASIDs are listed.</param>
/// <param name="ListsRegions">Whether all regions are listed that the direct map has otherwise than the RMP.</param>
/// <param name="IsTsv">Whether rows are for programs.</param>
/// <param name="IsJson">Whether one JSON object is printed.</param>
internal sealed record CensusRequest(
    ImageFiles Image, RmpRequest Rmp, bool Scans, bool ListsOwners, bool ListsRegions, bool IsTsv, bool IsJson);
