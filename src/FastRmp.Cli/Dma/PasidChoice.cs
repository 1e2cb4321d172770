namespace FastRmp.Cli.Dma;

/// <summary>Which address spaces of a device to list.</summary>
/// <param name="IsGiven">Whether the user says so: rows of <c>--tsv</c> then have a column for it.</param>
/// <param name="Only">The only PASID; null for requests without PASID and all PASIDs.</param>
internal readonly record struct PasidChoice(bool IsGiven, uint? Only);
