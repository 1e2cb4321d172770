namespace FastRmp.Images;

/// <summary>What the RMP says of a 2 MiB region, against how the direct map has it.</summary>
public enum DirectMapRmpFinding
{
    /// <summary>One leaf of 2 MiB or 1 GiB maps the region, and some of its pages are assigned and others are not: a write of the host to
    /// one of the others is an RMP violation.</summary>
    WritesFault,

    /// <summary>4 KiB leaves map the region, and none of its pages is assigned: as far as the RMP matters, one leaf could map it.</summary>
    CouldBeWhole,
}
