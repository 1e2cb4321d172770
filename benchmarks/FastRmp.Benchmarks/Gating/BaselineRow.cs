namespace FastRmp.Benchmarks.Gating;

/// <summary>What is recorded of one operation.</summary>
/// <param name="Ratio">The library's median by the C row's.</param>
/// <param name="Bytes">Managed bytes allocated by one operation.</param>
internal sealed record BaselineRow(double Ratio, long Bytes);
