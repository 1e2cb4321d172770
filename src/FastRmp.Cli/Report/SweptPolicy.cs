namespace FastRmp.Cli.Report;

/// <summary>A policy in one replay of a sweep.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Tables">The mean of table pages beyond those at the start.</param>
/// <param name="Flushes">Flushes of all processors, of everything or of pages.</param>
/// <param name="Fatal">Writes of the host that nothing handled.</param>
/// <param name="Cost">The modelled cost in nanoseconds.</param>
/// <param name="OfOptimum">The same as a multiple of the least possible; null if there is none.</param>
internal readonly record struct SweptPolicy(string Policy, double Tables, long Flushes, long Fatal, double Cost, double? OfOptimum);
