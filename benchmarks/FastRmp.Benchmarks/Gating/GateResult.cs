namespace FastRmp.Benchmarks.Gating;

/// <summary>How the gate judges one operation.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Ratio">The ratio measured, if both rows are there.</param>
/// <param name="Bound">The highest ratio allowed, if one is recorded.</param>
/// <param name="Bytes">Bytes allocated.</param>
/// <param name="Failure">What is wrong; null if nothing.</param>
internal sealed record GateResult(Operation Operation, double? Ratio, double? Bound, long? Bytes, string? Failure);
