using System.Collections.Generic;

namespace FastRmp.Benchmarks.Data;

/// <summary>Page tables of a kernel's address space, written into the RAM of a core: a direct map of 66 GiB in leaves of all sizes, a
/// vmalloc area, the kernel's image, and a process. The top table lies low, where the kernel's image is; all others are spread over 32 GiB
/// of RAM.</summary>
internal sealed unsafe class KernelSpace
{
    internal const ulong DirectMap = 0xFFFF_8880_0000_0000UL;

    /// <summary>The direct map below it is in pages of 4 KiB: 3.9 million leaves.</summary>
    internal const ulong SmallEnd = 0x4_0000_0000UL;

    private const ulong LargeEnd = 0xF_8000_0000UL;
    private const ulong Vmalloc = 0xFFFF_C900_0000_0000UL;
    private const ulong Image = 0xFFFF_FFFF_8100_0000UL;
    private const ulong Process = 0x40_0000UL;
    private const ulong Table = PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.UserMask | PagingEntry.AccessedMask;
    private const ulong Leaf = PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.AccessedMask | PagingEntry.DirtyMask
        | PagingEntry.NoExecuteMask;

    private const ulong PageBytes = 4096;
    private const ulong EntriesInTable = 512;
    private const ulong Spread = 0x9E37_79B1UL; // odd: no two tables get the same page
    private const ulong SpreadMask = (1UL << 23) - 1;

    private readonly byte* _zero;
    private readonly SortedSet<ulong> _tables = [Root.Value];
    private ulong _next;

    internal KernelSpace(CoreFile core)
    {
        _zero = core.Zero;
        Fill(DirectMap, 0, CoreFile.LowEnd, PageSize.Size4K, Leaf);
        Fill(DirectMap, CoreFile.HighStart, SmallEnd, PageSize.Size4K, Leaf);
        Fill(DirectMap, SmallEnd, LargeEnd, PageSize.Size2M, Leaf);
        Fill(DirectMap, LargeEnd, CoreFile.RamEnd, PageSize.Size1G, Leaf);
        Fill(Image, 0x200_0000, 0x600_0000, PageSize.Size2M, Leaf & ~PagingEntry.NoExecuteMask);
        for (ulong area = 0; area < 4096; area++)
        {
            ulong start = 0x2_0000_0000UL + (area * 0x8000); // each with a guard page behind it
            Fill(Vmalloc + (area * 0x9000), start, start + 0x8000, PageSize.Size4K, Leaf, from: true);
        }

        Fill(Process, 0x1_8000_0000UL, 0x1_8080_0000UL, PageSize.Size4K, Leaf | PagingEntry.UserMask, from: true);
    }

    /// <summary>The top table.</summary>
    internal static PhysicalAddress Root => PhysicalAddress.Create(0x2A1_0000);

    /// <summary>The pages that hold tables, in order of address.</summary>
    internal IReadOnlyCollection<ulong> Tables => _tables;

    /// <summary>Maps physical memory at its own distance from a base, or from a base on.</summary>
    private void Fill(ulong at, ulong start, ulong end, PageSize size, ulong bits, bool from = false)
    {
        int level = (int)size + 1;
        ulong last = level == 1 ? bits : bits | PagingEntry.LargePageMask;
        for (ulong page = start; page < end; page += size.Bytes())
        {
            *Entry(from ? at + (page - start) : at + page, level) = page | last;
        }
    }

    private ulong* Entry(ulong address, int level)
    {
        ulong table = Root.Value;
        for (int above = 4; ; above--)
        {
            ulong* entry = (ulong*)(_zero + table) + ((address >> (3 + (9 * above))) % EntriesInTable);
            if (above == level) return entry;
            if (*entry == 0) *entry = NewTable() | Table;
            table = *entry & PhysicalAddress.ValidMask & ~(PageBytes - 1);
        }
    }

    private ulong NewTable()
    {
        while (true)
        {
            ulong page = ((++_next * Spread) & SpreadMask) * PageBytes;
            if (CoreFile.IsRam(page) && _tables.Add(page)) return page;
        }
    }
}
