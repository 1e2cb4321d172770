namespace FastRmp;

/// <summary>An entry of AMD-Vi's host (v1) page tables, of any level.</summary>
/// <remarks>There is no NX and no PAT. With <see cref="NextLevel"/> 7 the low address bits hold the page's size: see
/// <see cref="Iommu.IoPageSize"/>.</remarks>
[BitLayout(
    64,
    Source = "AMD I/O Virtualization Technology (IOMMU) Specification, host page tables; Linux drivers/iommu/generic_pt/fmt/amdv1.h; "
        + "VirtualBox iommu-amd.h for the reserved bits")]
[Reserved(58, 52)]
public readonly partial struct IoPageTableEntry
{
    /// <summary>PR: the entry is used; if clear all other bits are ignored.</summary>
    [Bits(0)] public partial bool Present { get; init; }

    /// <summary>Ignored.</summary>
    [Bits(4, 1)] public partial byte Ignored { get; init; }

    /// <summary>A: the IOMMU used the entry (with HAD).</summary>
    [Bits(5)] public partial bool Accessed { get; init; }

    /// <summary>D: the page was written (with HAD).</summary>
    [Bits(6)] public partial bool Dirty { get; init; }

    /// <summary>Ignored.</summary>
    [Bits(8, 7)] public partial byte Ignored7 { get; init; }

    /// <summary>NextLevel: 0 a page of the level's default size, 1 to 6 a table of that level, 7 a page of the size in the
    /// address.</summary>
    [Bits(11, 9)] public partial byte NextLevel { get; init; }

    /// <summary>Address of the next table or page; with <see cref="NextLevel"/> 7 also its size.</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Address { get; init; }

    /// <summary>U: attribute of ATS answers, in a leaf; reserved in an entry that points to a table.</summary>
    [Bits(59)] public partial bool Untranslated { get; init; }

    /// <summary>FC: accesses are forced to be coherent, in a leaf; reserved in an entry that points to a table.</summary>
    [Bits(60)] public partial bool ForceCoherent { get; init; }

    /// <summary>IR: reads are permitted.</summary>
    [Bits(61)] public partial bool Readable { get; init; }

    /// <summary>IW: writes are permitted.</summary>
    [Bits(62)] public partial bool Writable { get; init; }

    /// <summary>Ignored.</summary>
    [Bits(63)] public partial bool Ignored63 { get; init; }
}
