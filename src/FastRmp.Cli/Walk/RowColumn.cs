namespace FastRmp.Cli.Walk;

/// <summary>A column of a file of rows that the tool knows; others are ignored.</summary>
internal enum RowColumn
{
    /// <summary>Decimal number of the row.</summary>
    Id,

    /// <summary>4 or 5.</summary>
    Levels,

    /// <summary>Physical-address width, decimal.</summary>
    MaxPhyAddr,

    /// <summary>The root; the columns from here on are hexadecimal or 0 and 1.</summary>
    Cr3,

    /// <summary>CR0.WP.</summary>
    Wp,

    /// <summary>EFER.NXE.</summary>
    Nxe,

    /// <summary>CR4.SMEP.</summary>
    Smep,

    /// <summary>CR4.SMAP.</summary>
    Smap,

    /// <summary>CR4.PKE.</summary>
    Pke,

    /// <summary>PKRU.</summary>
    Pkru,

    /// <summary>The linear address.</summary>
    Va,

    /// <summary>CPL 3, or an explicit supervisor access.</summary>
    User,

    /// <summary>r, w or x.</summary>
    Kind,

    /// <summary>Whether a supervisor read goes before.</summary>
    Twice,

    /// <summary>Entry of level 5, or -.</summary>
    Pml5e,

    /// <summary>Entry of level 4.</summary>
    Pml4e,

    /// <summary>Entry of level 3.</summary>
    Pdpte,

    /// <summary>Entry of level 2.</summary>
    Pde,

    /// <summary>Entry of level 1, or -. The last column that must be there.</summary>
    Pte,

    /// <summary>Expected: a page fault.</summary>
    Fault,

    /// <summary>Expected: its error code.</summary>
    Err,

    /// <summary>Expected: the physical address.</summary>
    Pa,

    /// <summary>Expected: the PTE afterwards.</summary>
    PteAfter,

    /// <summary>Expected: the PDE afterwards.</summary>
    PdeAfter,

    /// <summary>Bits of the PDE that are not compared.</summary>
    PdeIgnore,
}
