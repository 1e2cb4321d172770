namespace FastRmp.Images;

/// <summary>Where a <see cref="DirectoryCursor{TMemory}"/> is.</summary>
internal enum DirectoryStep
{
    /// <summary>On a PDPE that maps 1 GiB.</summary>
    GigabyteLeaf,

    /// <summary>On a PDPE whose P is clear and that is not zero.</summary>
    GigabyteNotPresent,

    /// <summary>On a PDE that maps 2 MiB.</summary>
    Leaf,

    /// <summary>On a PDE that points to a page table.</summary>
    Table,

    /// <summary>On a PDE that points to a table on its own path, which no direct map contains.</summary>
    Loop,

    /// <summary>On a PDE whose P is clear.</summary>
    NotPresent,

    /// <summary>After the last PDE of a directory; the entry is the PDPE that points to it.</summary>
    End,
}
