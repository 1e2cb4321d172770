using FastRmp.Cli.Sources;

namespace FastRmp.Cli.Census;

/// <summary>What the user wants counted.</summary>
/// <param name="Image">The image.</param>
/// <param name="Geometry">Where the RMP is.</param>
/// <param name="Scans">Whether assigned pages are counted by looking at every entry.</param>
/// <param name="ListsOwners">Whether ASIDs are listed.</param>
/// <param name="IsTsv">Whether rows are for programs.</param>
internal sealed record CensusRequest(ImageFiles Image, ContiguousGeometry Geometry, bool Scans, bool ListsOwners, bool IsTsv);
