namespace FastRmp.Images;

/// <summary>The 2 MiB regions of a direct map by how they are mapped and how many of their pages are assigned. Immutable.</summary>
/// <remarks>Pages that the RMP does not cover are the hypervisor's. Large leaves that are not writable count nowhere: a write through them
/// faults whatever the RMP says.</remarks>
/// <param name="Mixed2M">Regions in a writable leaf of 2 MiB, some of whose pages are assigned.</param>
/// <param name="Mixed1G">The same in a leaf of 1 GiB.</param>
/// <param name="FaultingPages">Their pages that are not assigned: a write of the host to any of them is an RMP violation.</param>
/// <param name="Assigned2M">Regions in a writable leaf of 2 MiB, all of whose pages are assigned.</param>
/// <param name="Assigned1G">The same in a leaf of 1 GiB.</param>
/// <param name="SplitMixed">Regions in 4 KiB leaves, some of whose pages are assigned: these have to be split.</param>
/// <param name="SplitAssigned">Regions in 4 KiB leaves, all of whose pages are assigned.</param>
/// <param name="SplitFree">Regions in 4 KiB leaves, none of whose pages is assigned.</param>
/// <param name="SplitFreeAlike">Of them those where nothing else speaks against one leaf: <see cref="DirectMapRmpRegion.IsAlike"/>.</param>
/// <param name="Absent">Regions whose entries the image does not hold, whole.</param>
public readonly record struct DirectMapRmpTotals(
    long Mixed2M,
    long Mixed1G,
    long FaultingPages,
    long Assigned2M,
    long Assigned1G,
    long SplitMixed,
    long SplitAssigned,
    long SplitFree,
    long SplitFreeAlike,
    long Absent);
