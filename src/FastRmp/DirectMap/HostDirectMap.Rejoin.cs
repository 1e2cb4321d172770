using System;
using System.Runtime.CompilerServices;
using System.Threading;
using FastRmp.Internals;

namespace FastRmp.DirectMap;

/// <content>Joining again: only leaves that existed when the map was built are restored.</content>
public sealed partial class HostDirectMap
{
    private const ulong History = PagingEntry.AccessedMask | PagingEntry.DirtyMask;

    /// <summary>Joins the 512 leaves of 4 KiB of a region into one of 2 MiB, and then the 512 of 2 MiB around it into one of 1 GiB, if they
    /// can be joined.</summary>
    /// <param name="address">Any address in the region.</param>
    /// <returns>Whether the region was joined.</returns>
    /// <remarks>
    /// The leaves must map consecutive frames with equal attributes. Accessed and Dirty may differ (the joined leaf has both set, as
    /// hardware may do at any time), and so may Global, which a page loses while it is not present. KERNEL_4K may be set only if the
    /// step before an RMPUPDATE set it.
    /// <see cref="ModelChoices.RejoinAsLinux"/> allows
    /// none of this. The caller checks whether the RMP allows it. One global flush for both joins. Allocates nothing.
    /// </remarks>
    public bool TryRejoin(PhysicalAddress address)
    {
        PhysicalAddress region = address.AlignDown(PageSize.Size2M);
        if (!TryFindLeaf(region, out PagingLevel level, out PhysicalAddress entryAddress) || level != PagingLevel.PageTable) return false;
        if (DirectMapRanges.Find(_ram, region, PageSize.Size2M.Bytes()) < 0) return false;
        PhysicalAddress table = entryAddress.AlignDown(PageSize.Size4K);
        if (!TryJoin(table, PageSize.Size4K, region, out ulong leaf)) return false;
        Publish(Parent(region, PagingLevel.PageDirectory), LargeFlags(leaf), PageSize.Size2M);
        _rejoins2M++;
        bool isGigabyte = TryRejoinGigabyte(region.AlignDown(PageSize.Size1G), out PhysicalAddress directory);
        FlushAll(); // before the table pages are used again; one flush serves both
        _tables.Return(table);
        if (isGigabyte) _tables.Return(directory);
        return true;
    }

    private bool TryRejoinGigabyte(PhysicalAddress range, out PhysicalAddress table)
    {
        table = default;
        if (!_gigabytePages || DirectMapRanges.Find(_ram, range, PageSize.Size1G.Bytes()) < 0) return false;
        table = Parent(range, PagingLevel.PageDirectory).AlignDown(PageSize.Size4K);
        if (!TryJoin(table, PageSize.Size2M, range, out ulong leaf)) return false;
        Publish(Parent(range, PagingLevel.PageDirectoryPointer), leaf, PageSize.Size1G);
        _rejoins1G++;
        return true;
    }

    /// <summary>Whether 512 entries are leaves of one size that map consecutive frames from an address on with equal attributes.</summary>
    private bool TryJoin(PhysicalAddress table, PageSize size, PhysicalAddress start, out ulong joined)
    {
        ulong history = _choices.RejoinAsLinux ? 0 : History;
        ReadOnlySpan<ulong> words = _tables.Words(table);
        ulong expected = words[0] & ~history;
        joined = expected | history;
        if (!MayBeFirst(expected, size, start)) return false;
        if ((expected & Pte.Kernel4KMask) == 0 && LeafRun.Is(words, history, expected, size.Bytes())) return true;
        return !_choices.RejoinAsLinux && TryJoinUnequal(table, size, out joined);
    }

    /// <summary>The same where Global differs, or entries have KERNEL_4K set.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryJoinUnequal(PhysicalAddress table, PageSize size, out ulong joined)
    {
        const ulong Ignored = History | PagingEntry.GlobalMask | Pte.Kernel4KMask;
        ReadOnlySpan<ulong> words = _tables.Words(table);
        Span<byte> own = _tables.OwnKernel4K(table);
        ulong expected = words[0] & ~Ignored;
        joined = expected | History;
        if (!LeafRun.Is(words, Ignored, expected, size.Bytes())) return false;
        for (int index = 0; index < words.Length; index++)
        {
            joined |= words[index] & PagingEntry.GlobalMask;
            bool isOwn = (own[index / 8] & (1 << (index % 8))) != 0;
            if ((words[index] & Pte.Kernel4KMask) != 0 && !isOwn) return false;
        }

        own.Clear();
        return true;
    }

    private static bool MayBeFirst(ulong entry, PageSize size, PhysicalAddress start)
    {
        ulong form = size == PageSize.Size4K ? PagingEntry.PresentMask : PagingEntry.PresentMask | PagingEntry.LargePageMask;
        return (entry & form) == form && new PagingEntry(entry).Address.AlignDown(size) == start;
    }

    /// <summary>The flags of a 4 KiB leaf in a 2 MiB one: PAT moves from bit 7 to bit 12, PS comes.</summary>
    private static ulong LargeFlags(ulong small)
    {
        ulong entry = (small & ~Pte.PatMask) | Pde2M.LargePageMask;
        return (small & Pte.PatMask) != 0 ? entry | Pde2M.PatMask : entry;
    }

    private void Publish(PhysicalAddress entryAddress, ulong leaf, PageSize size)
    {
        _ = Interlocked.Exchange(ref _tables.Entry(entryAddress), leaf); // a full fence: the caller looks at the RMP again after it
        CountLeaves(size, 1);
        CountLeaves((PageSize)((int)size - 1), -(long)PageSize.Size2M.Pages());
    }

    /// <summary>The address of the entry of that level on the way to an address; all levels above point to tables.</summary>
    private PhysicalAddress Parent(PhysicalAddress address, PagingLevel wanted)
    {
        PhysicalAddress table = State.Root;
        for (PagingLevel level = State.TopLevel; ; level--)
        {
            PhysicalAddress entryAddress = LongModeTable.EntryAddress(table, ToVirtual(address), level);
            if (level == wanted) return entryAddress;
            table = new PagingEntry(_tables.Entry(entryAddress)).Address;
        }
    }
}
