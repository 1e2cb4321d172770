namespace FastRmp.Reference;

/// <content>The host's access check (rmp 6.1, 6.2, 6.4).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>Hypervisor-Owned, by the definition: the entry, or each of the 512 entries of the region (rmp 6.1).</summary>
    /// <param name="spa">Any address in the page that is written.</param>
    /// <param name="mappingSize">The size of the mapping that the write goes through; 1 GiB is treated as 2 MiB.</param>
    /// <returns>Whether the host owns what the mapping shows; pages in use are another matter.</returns>
    public bool HostMayWrite(ulong spa, ReferencePageSize mappingSize)
    {
        if (!Geometry.IsCovered(spa)) return true;
        if (mappingSize == ReferencePageSize.Size4K) return !Peek(spa).Assigned;
        ulong start = RegionOf(spa);
        if (Peek(start) == Zero) return true;
        foreach (ReferenceEntry entry in Region(start))
        {
            if (entry.Assigned) return false;
        }

        return true;
    }

    /// <summary>Hypervisor-Owned, as hardware does it: for a large mapping from the base entry alone (rmp 2.3).</summary>
    /// <param name="spa">Any address in the page that is written.</param>
    /// <param name="mappingSize">The size of the mapping that the write goes through.</param>
    /// <returns>Whether the host owns what the mapping shows.</returns>
    public bool HostMayWriteByCount(ulong spa, ReferencePageSize mappingSize)
    {
        if (!Geometry.IsCovered(spa)) return true;
        if (mappingSize == ReferencePageSize.Size4K) return !Peek(spa).Assigned;
        ReferenceEntry first = Peek(RegionOf(spa));
        return !first.Assigned && first.SubpageCount == 0;
    }

    /// <summary>The check of one access by the host while SNP is enabled (rmp 6.2).</summary>
    /// <param name="kind">What the access does.</param>
    /// <param name="spa">Any address in the page.</param>
    /// <param name="mappingSize">The size of the mapping; a page-table access always counts as 4 KiB.</param>
    /// <param name="user">Whether the access is made in user mode.</param>
    /// <returns>Null if allowed, otherwise the error code of the #PF.</returns>
    public uint? HostAccess(ReferenceAccessKind kind, ulong spa, ReferencePageSize mappingSize, bool user)
    {
        if (!IsWriting(kind)) return null;
        ReferencePageSize size = kind == ReferenceAccessKind.PageTable ? ReferencePageSize.Size4K : mappingSize;
        if (HostMayWrite(spa, size) && !IsWriteHeldByUse(spa, size)) return null;

        // rmp 6.4: RMP, P and W; U for a user access.
        return user ? 0x8000_0007 : 0x8000_0003;
    }

    // A page-table access counts as a write (rmp 6.3).
    private static bool IsWriting(ReferenceAccessKind kind) =>
        kind is ReferenceAccessKind.Write or ReferenceAccessKind.PageTable or ReferenceAccessKind.ShadowStackWrite;
}
