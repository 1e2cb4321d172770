namespace FastRmp;

/// <content>What an entry that maps a page has more: its form depends on the page's size.</content>
public readonly partial struct PagingEntry
{
    /// <summary>AVL bit 11 of a leaf in its place, which Linux sets in kernel mappings (SOFTW3, _PAGE_KERNEL_4K): never rebuild a large
    /// page from this one.</summary>
    public const ulong Kernel4KMask = Pte.Kernel4KMask;

    /// <summary>Of a leaf, whether <see cref="Kernel4KMask"/> is set.</summary>
    public bool Kernel4K => (Value & Kernel4KMask) != 0;

    /// <summary>PAT, the high bit of the PAT index, in its place: bit 7 in a PTE, bit 12 in a leaf of 2 MiB or 1 GiB.</summary>
    /// <param name="size">The size of the page; one that does not exist counts as 1 GiB.</param>
    /// <returns>The bit.</returns>
    public static ulong PatMaskOf(PageSize size) => size == PageSize.Size4K ? Pte.PatMask : Pde2M.PatMask;

    /// <summary>The bits that are reserved by the form of a leaf: none in a PTE, [20:13] for 2 MiB, [29:13] for 1 GiB.</summary>
    /// <param name="size">The size of the page; one that does not exist counts as 1 GiB.</param>
    /// <returns>The bits in their places. What the processor reserves beyond them is
    /// <see cref="Paging.PagingState.ReservedBitsOf(PagingEntry, PagingLevel)"/>.</returns>
    public static ulong ReservedMaskOf(PageSize size) => size switch
    {
        PageSize.Size4K => Pte.ReservedMask,
        PageSize.Size2M => Pde2M.ReservedMask,
        _ => Pdpe1G.ReservedMask,
    };

    /// <summary>PAT of a leaf: the high bit of the PAT index.</summary>
    /// <param name="size">The size of the page; one that does not exist counts as 1 GiB.</param>
    /// <returns>The bit.</returns>
    public bool PatOf(PageSize size) => (Value & PatMaskOf(size)) != 0;

    /// <summary>The page that a leaf maps: bits [51:12], [51:21] or [51:30].</summary>
    /// <param name="size">The size of the page; one that does not exist counts as 1 GiB.</param>
    /// <returns>The page's first byte, with the C-bit if the entry has one.</returns>
    public PhysicalAddress PageOf(PageSize size) => size switch
    {
        PageSize.Size4K => new Pte(Value).Page,
        PageSize.Size2M => new Pde2M(Value).Page,
        _ => new Pdpe1G(Value).Page,
    };
}
