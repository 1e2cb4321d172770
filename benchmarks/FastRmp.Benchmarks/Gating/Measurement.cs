namespace FastRmp.Benchmarks.Gating;

/// <summary>One row of a report.</summary>
/// <param name="FullName">Namespace, class, method, parameters.</param>
/// <param name="Median">Nanoseconds for one operation; null if the row did not run to the end.</param>
/// <param name="Bytes">Managed bytes allocated by one operation; null if not measured.</param>
/// <param name="Least">The fastest iteration, in nanoseconds for one operation; null if not told.</param>
internal readonly record struct Measurement(string FullName, double? Median, long? Bytes, double? Least = null);
