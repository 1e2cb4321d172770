namespace FastRmp.Images.Study;

/// <summary>What the best schedule does and costs.</summary>
/// <param name="Nanoseconds">Its modelled cost.</param>
/// <param name="Splits2M">Splits of 2 MiB leaves; each has a flush.</param>
/// <param name="Splits1G">Splits of 1 GiB leaves, under the flush of the first 2 MiB one.</param>
/// <param name="Joins2M">Joins, without flushes of their own.</param>
internal sealed record OptimumResult(double Nanoseconds, long Splits2M, long Splits1G, long Joins2M);
