namespace FastRmp.Paging;

/// <summary>Where a walk may begin below the root: a type argument of the walks, so that those without a cache have no trace of
/// it.</summary>
internal interface IUpperLevels
{
    /// <summary>Finds the lowest table that is known for an address, and puts it with the bits of the levels above into the walk.</summary>
    /// <returns>The level of that table: the page directory or the page table; <see cref="PagingLevel.None"/> if the walk begins at the
    /// root.</returns>
    PagingLevel Find(VirtualAddress address, ref WalkProgress walk);

    /// <summary>Notes the table that a walk has just reached.</summary>
    void Add(VirtualAddress address, in WalkProgress walk, PagingLevel level);
}
