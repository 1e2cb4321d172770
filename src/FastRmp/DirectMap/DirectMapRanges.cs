using System;
using FastRmp.Internals;

namespace FastRmp.DirectMap;

/// <summary>Arithmetic on the ranges of RAM that a direct map is built from.</summary>
internal static class DirectMapRanges
{
    /// <summary>Sorted, ranges that touch joined, then cut to whole pages; refuses overlaps and emptiness.</summary>
    /// <remarks>In this order, as the kernel's memblock has it: two ranges that meet inside a page are one, and the page is RAM (Linux:
    /// e820__memblock_setup).</remarks>
    internal static PhysicalRange[] Normalise(ReadOnlySpan<PhysicalRange> ram)
    {
        PhysicalRange[] joined = Join(ram);
        int count = 0;
        foreach (PhysicalRange range in joined)
        {
            PhysicalRange pages = range.WholePages();
            if (pages.Length > 0) joined[count++] = pages;
        }

        if (count == 0) Throw.Geometry(nameof(ram), "There is no whole page of RAM to map.");
        return joined[..count];
    }

    private static PhysicalRange[] Join(ReadOnlySpan<PhysicalRange> ram)
    {
        PhysicalRange[] sorted = ram.ToArray();
        Array.Sort(sorted, static (left, right) => left.Start.CompareTo(right.Start));
        int count = 0;
        foreach (PhysicalRange range in sorted)
        {
            if (range.Length > PhysicalAddress.ValidMask + 1 - range.Start.Value)
            {
                Throw.AddressOutOfRange(nameof(ram), range.End - 1, PhysicalAddress.ValidMask);
            }

            if (range.Length == 0) continue;
            if (count == 0 || range.Start.Value > sorted[count - 1].End)
            {
                sorted[count++] = range;
                continue;
            }

            PhysicalRange before = sorted[count - 1];
            if (range.Start.Value < before.End)
            {
                Throw.SegmentsOverlap(nameof(ram), range.Start.Value, range.End, before.Start.Value, before.End);
            }

            sorted[count - 1] = before with { Length = before.Length + range.Length };
        }

        return sorted[..count];
    }

    /// <summary>The index of the range that holds all the bytes, or −1.</summary>
    internal static int Find(ReadOnlySpan<PhysicalRange> sorted, PhysicalAddress address, ulong bytes)
    {
        int low = 0;
        int high = sorted.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (address < sorted[middle].Start)
            {
                high = middle - 1;
            }
            else if (address.Value >= sorted[middle].End)
            {
                low = middle + 1;
            }
            else
            {
                return sorted[middle].Contains(address, bytes) ? middle : -1;
            }
        }

        return -1;
    }

    /// <summary>The largest leaf that may start at an address with that much left to map.</summary>
    internal static PageSize LargestLeaf(PhysicalAddress start, ulong left, bool gigabytePages)
    {
        if (gigabytePages && start.IsAligned(PageSize.Size1G) && left >= PageSize.Size1G.Bytes()) return PageSize.Size1G;
        return start.IsAligned(PageSize.Size2M) && left >= PageSize.Size2M.Bytes() ? PageSize.Size2M : PageSize.Size4K;
    }

    internal static PhysicalAddress AboveRam(ulong top)
    {
        ulong mask = PageSize.Size1G.OffsetMask();
        if (!PhysicalAddress.TryCreate((top + mask) & ~mask, out PhysicalAddress above))
        {
            Throw.Geometry(nameof(DirectMapOptions.TableBase), "RAM reaches 2^52: say where the paging structures lie.");
        }

        return above;
    }

    /// <summary>An upper bound of the table pages that mapping everything below an address by 4 KiB leaves takes.</summary>
    internal static long TablePagesForAll(ulong top)
    {
        // One table for each 2 MiB, one directory for each GiB, one pointer table for each 512 GiB; one more of each for the partial ends;
        // the upper levels.
        ulong tables = (top >> PageSize.Size2M.Shift()) + 1;
        ulong directories = (top >> PageSize.Size1G.Shift()) + 1;
        ulong pointers = (top >> PagingLevel.PageMapLevel4.Shift()) + 2;
        ulong upper = (top >> PagingLevel.PageMapLevel5.Shift()) + 3;
        return (long)(tables + directories + pointers + upper);
    }

    internal static void RequireWindow(VirtualAddress virtualBase, ulong top, PagingMode mode)
    {
        VirtualAddress last = virtualBase + (top - 1);
        if ((virtualBase.Value & PageSize.Size1G.OffsetMask()) != 0)
        {
            Throw.Misaligned(nameof(DirectMapOptions.VirtualBase), virtualBase.Value, PageSize.Size1G.Bytes());
        }

        if (!virtualBase.IsCanonical(mode) || !last.IsCanonical(mode) || last < virtualBase
            || ((virtualBase.Value ^ last.Value) >> 63) != 0)
        {
            Throw.Geometry(
                nameof(DirectMapOptions.VirtualBase),
                $"RAM up to 0x{top:x} does not fit into the address space from 0x{virtualBase.Value:x} on.");
        }
    }

    /// <summary>Refuses addresses that the processor's paging entries cannot hold.</summary>
    internal static void RequireWidth(ulong end, int physicalAddressWidth)
    {
        if (end - 1 >> physicalAddressWidth != 0) Throw.AddressOutOfRange("ram", end - 1, (1UL << physicalAddressWidth) - 1);
    }

    internal static void RequireTablesOutside(ReadOnlySpan<PhysicalRange> ram, PhysicalAddress tableBase, long pages)
    {
        if (pages <= 0 || (ulong)pages > (PhysicalAddress.ValidMask >> PageSize.Size4K.Shift()))
        {
            Throw.NotWholePages(nameof(DirectMapOptions.MaxTablePages), (ulong)pages);
        }

        if (!tableBase.IsAligned(PageSize.Size4K))
        {
            Throw.Misaligned(nameof(DirectMapOptions.TableBase), tableBase.Value, PageSize.Size4K.Bytes());
        }

        ulong bytes = (ulong)pages * PageSize.Size4K.Bytes();
        if (bytes > PhysicalAddress.ValidMask + 1 - tableBase.Value)
        {
            Throw.AddressOutOfRange(nameof(DirectMapOptions.TableBase), tableBase.Value + bytes - 1, PhysicalAddress.ValidMask);
        }

        foreach (PhysicalRange range in ram)
        {
            if (tableBase.Value < range.End && range.Start.Value < tableBase.Value + bytes)
            {
                Throw.SegmentsOverlap(
                    nameof(DirectMapOptions.TableBase), tableBase.Value, tableBase.Value + bytes, range.Start.Value, range.End);
            }
        }
    }
}
