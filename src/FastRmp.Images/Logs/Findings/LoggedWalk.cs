namespace FastRmp.Images;

/// <summary>The paging entries that an oops prints for the faulting address, as <c>PGD … P4D … PUD … PMD … PTE …</c>; Xen's
/// <c>L4[…] = …</c> count as the same.</summary>
/// <remarks>A level that is not printed is null. Source: Linux arch/x86/mm/fault.c.</remarks>
public sealed class LoggedWalk
{
    private const ulong EncryptionBit = 1UL << 51;

    /// <summary>The entry of the top table.</summary>
    public ulong? Pgd { get; internal set; }

    /// <summary>The entry below it; with four levels Linux prints the same one twice.</summary>
    public ulong? P4d { get; internal set; }

    /// <summary>The entry of a page directory pointer table.</summary>
    public ulong? Pud { get; internal set; }

    /// <summary>The entry of a page directory.</summary>
    public ulong? Pmd { get; internal set; }

    /// <summary>The entry of a page table.</summary>
    public ulong? Pte { get; internal set; }

    /// <summary>4 or 5; null where the top entries are empty and do not say.</summary>
    public int? Levels
    {
        get
        {
            if (Pgd is not (not null and not 0)) return null;
            return P4d is { } next && next != Pgd ? 5 : 4;
        }
    }

    /// <summary>The level whose entry maps the page; null if none is present.</summary>
    public PagingLevel? LeafLevel
    {
        get
        {
            if (Pud is { } pud && IsPresent(pud) && new PagingEntry(pud).LargePage) return PagingLevel.PageDirectoryPointer;
            if (Pmd is { } pmd && IsPresent(pmd) && new PagingEntry(pmd).LargePage) return PagingLevel.PageDirectory;
            return Pte is { } pte && IsPresent(pte) ? PagingLevel.PageTable : null;
        }
    }

    /// <summary>The entry that maps the page; null if none is present.</summary>
    public ulong? Leaf => LeafLevel switch
    {
        PagingLevel.PageDirectoryPointer => Pud,
        PagingLevel.PageDirectory => Pmd,
        PagingLevel.PageTable => Pte,
        _ => null,
    };

    /// <summary>Linux's name of the leaf's level: PUD, PMD or PTE; null if no entry is present.</summary>
    public string? LeafName => LeafLevel switch
    {
        PagingLevel.PageDirectoryPointer => "PUD",
        PagingLevel.PageDirectory => "PMD",
        PagingLevel.PageTable => "PTE",
        _ => null,
    };

    /// <summary>The mapping's size in bytes; null if no entry is present.</summary>
    public ulong? MappingBytes => LeafLevel switch
    {
        PagingLevel.PageDirectoryPointer => PageSize.Size1G.Bytes(),
        PagingLevel.PageDirectory => PageSize.Size2M.Bytes(),
        PagingLevel.PageTable => PageSize.Size4K.Bytes(),
        _ => null,
    };

    /// <summary>The 4 KiB page frame that an address leads to. Bit 51 of an entry counts as the C-bit.</summary>
    /// <param name="address">The faulting address; a large page needs it.</param>
    /// <returns>The number; null if no entry is present, or the address is not known and the page is large.</returns>
    public ulong? Frame(ulong? address)
    {
        if (Leaf is not { } leaf || MappingBytes is not { } bytes) return null;
        ulong page = leaf & PagingEntry.AddressMask & ~EncryptionBit & ~(bytes - 1);
        if (bytes == PageSize.Size4K.Bytes()) return page >> PageSize.Size4K.Shift();
        return address is { } at ? (page | (at & (bytes - 1))) >> PageSize.Size4K.Shift() : null;
    }

    /// <summary>Whether every entry on the way allows user code: only then the page is a user's.</summary>
    internal bool IsUser => All(static entry => entry.User);

    /// <summary>Whether every entry on the way allows writes.</summary>
    internal bool IsWritable => All(static entry => entry.Writable);

    /// <summary>Whether an entry on the way forbids fetches.</summary>
    internal bool IsNoExecute => !All(static entry => !entry.NoExecute);

    private bool All(System.Predicate<PagingEntry> holds)
    {
        foreach (ulong? entry in (System.ReadOnlySpan<ulong?>)[Pgd, P4d, Pud, Pmd, Pte])
        {
            if (entry is { } value && IsPresent(value) && !holds(new PagingEntry(value))) return false;
        }

        return true;
    }

    private static bool IsPresent(ulong value) => new PagingEntry(value).Present;
}
