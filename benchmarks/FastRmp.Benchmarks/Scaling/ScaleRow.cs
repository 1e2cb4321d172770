namespace FastRmp.Benchmarks.Scaling;

/// <summary>A row of the table by threads.</summary>
/// <param name="Kind">What the threads do.</param>
/// <param name="Threads">How many.</param>
/// <param name="Measured">The library.</param>
/// <param name="Compared">The same protocol in C.</param>
internal sealed record ScaleRow(ScaleKind Kind, int Threads, ScaleFigures Measured, ScaleFigures Compared);
