namespace FastRmp;

/// <summary>A level of the paging structures, named after the table; the value is the number that the level has in AMD's and Linux's
/// counting.</summary>
public enum PagingLevel : byte
{
    /// <summary>No level: the walk never reached a table.</summary>
    None = 0,

    /// <summary>Page table: PTEs of 4 KiB, index bits [20:12].</summary>
    PageTable = 1,

    /// <summary>Page directory: PDEs of 2 MiB, index bits [29:21].</summary>
    PageDirectory = 2,

    /// <summary>Page directory pointer table: PDPEs of 1 GiB (Linux: PUD), index bits [38:30].</summary>
    PageDirectoryPointer = 3,

    /// <summary>Page map level 4: PML4Es of 512 GiB (Linux: P4D, or PGD with four levels), index bits [47:39].</summary>
    PageMapLevel4 = 4,

    /// <summary>Page map level 5: PML5Es of 256 TiB (Linux: PGD), index bits [56:48].</summary>
    PageMapLevel5 = 5,
}
