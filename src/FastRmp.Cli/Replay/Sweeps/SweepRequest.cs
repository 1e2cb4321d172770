namespace FastRmp.Cli.Replay.Sweeps;

/// <summary>What the user wants swept.</summary>
/// <param name="Plan">The file that describes it.</param>
/// <param name="Rows">The file of its rows; null for standard output.</param>
/// <param name="Task">The one replay to do; null for all.</param>
/// <param name="Jobs">How many replays at the same time.</param>
/// <param name="Report">The page that draws it; null for none.</param>
/// <param name="IsListed">Whether the replays are only listed.</param>
internal sealed record SweepRequest(string Plan, string? Rows, int? Task, int Jobs, string? Report, bool IsListed);
