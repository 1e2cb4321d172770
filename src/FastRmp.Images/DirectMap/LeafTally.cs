namespace FastRmp.Images;

/// <summary>What the 512 entries of one table have in common, and what not.</summary>
internal struct LeafTally
{
    private ulong _any;
    private ulong _all;

    internal int Leaves { get; private set; }

    internal int Kernel4K { get; private set; }

    internal ulong FirstLeaf { get; private set; }

    internal int Holes { get; set; }

    internal int Unmapped { get; set; }

    internal int Smaller { get; set; }

    /// <summary>Entries that map something other than the direct map.</summary>
    internal int OtherMappings { get; set; }

    internal bool IsCut { get; set; }

    /// <summary>Whether the table is one of the direct map at all.</summary>
    internal readonly bool Belongs => Leaves + Unmapped + Smaller != 0;

    internal void Add(ulong leaf)
    {
        if (Leaves++ == 0)
        {
            FirstLeaf = leaf;
            _all = leaf;
        }

        _any |= leaf;
        _all &= leaf;
        if ((leaf & PagingEntry.Kernel4KMask) != 0) Kernel4K++;
    }

    /// <param name="table">The entry that points to the table.</param>
    /// <param name="size">Size of a leaf in the table.</param>
    /// <param name="encryptionMask">The C-bit.</param>
    internal readonly SplitReasons Reasons(PagingEntry table, PageSize size, ulong encryptionMask)
    {
        const ulong Software = PagingEntry.AvailableMask | PagingEntry.AvailableHighMask | PagingEntry.ProtectionKeyMask;
        ulong pat = PagingEntry.PatMaskOf(size);
        ulong differing = _any & ~_all;
        return If(Holes != 0, SplitReasons.Holes)
            | If(Unmapped != 0, SplitReasons.Unmapped)
            | If((differing & PagingEntry.WritableMask) != 0, SplitReasons.Write)
            | If((differing & PagingEntry.NoExecuteMask) != 0, SplitReasons.Execute)
            | If((differing & PagingEntry.UserMask) != 0, SplitReasons.User)
            | If((differing & (pat | PagingEntry.CacheDisableMask | PagingEntry.WriteThroughMask)) != 0, SplitReasons.Cache)
            | If((differing & encryptionMask) != 0, SplitReasons.Encryption)
            | If((differing & PagingEntry.GlobalMask) != 0, SplitReasons.Global)
            | If((differing & Software & ~PagingEntry.Kernel4KMask) != 0, SplitReasons.Software)
            | If(Kernel4K != 0, SplitReasons.Kernel4K)
            | If((differing & (PagingEntry.AccessedMask | PagingEntry.DirtyMask)) != 0, SplitReasons.AccessedDirty)
            | If(OtherMappings != 0, SplitReasons.Frames)
            | If(Smaller != 0, SplitReasons.Smaller)
            | If(IsCut, SplitReasons.Absent)
            | (table.User ? SplitReasons.Boot : SplitReasons.AfterBoot);
    }

    private static SplitReasons If(bool condition, SplitReasons reason) => condition ? reason : SplitReasons.None;
}
