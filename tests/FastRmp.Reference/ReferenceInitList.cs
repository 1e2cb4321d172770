using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>What SNP_INIT is told about the machine (rmp 1.6). Ranges are inclusive and consist of whole 4 KiB pages.</summary>
public sealed record ReferenceInitList
{
    /// <summary>The memory; none means that all that is covered is memory.</summary>
    public IReadOnlyList<ReferenceRange> Dram { get; init; } = [];

    /// <summary>What the caller wants to be HV_Fixed; the RMP's own pages are cut out.</summary>
    public IReadOnlyList<ReferenceRange> Fixed { get; init; } = [];

    /// <summary>The logs and completion stores of the IOMMUs.</summary>
    public IReadOnlyList<ReferenceRange> Iommu { get; init; } = [];

    /// <summary>TSEG, if it is enabled.</summary>
    public ReferenceRange? Tseg { get; init; }

    /// <summary>ASEG, if it is enabled.</summary>
    public ReferenceRange? Aseg { get; init; }
}
