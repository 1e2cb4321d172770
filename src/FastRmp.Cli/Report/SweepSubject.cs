using System.Collections.Generic;

namespace FastRmp.Cli.Report;

/// <summary>What the page of a sweep is about.</summary>
/// <param name="Tasks">How many replays the sweep has.</param>
/// <param name="Files">Each input and the SHA-256 of its bytes.</param>
/// <param name="Command">What makes this page again.</param>
/// <param name="Version">The tool's.</param>
internal sealed record SweepSubject(int Tasks, IReadOnlyList<(string Name, string Sha256)> Files, string Command, string Version);
