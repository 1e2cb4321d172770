using System;

namespace FastRmp.Images;

/// <summary>A machine's RAM as a list of ranges.</summary>
internal static class RamRanges
{
    /// <summary>Joins ranges that touch, and drops parts of pages.</summary>
    /// <param name="systemRam">In order of address.</param>
    /// <returns>What is left, which may be nothing.</returns>
    internal static PhysicalRange[] WholePages(ReadOnlySpan<PhysicalRange> systemRam)
    {
        PhysicalRange[] ram = new PhysicalRange[systemRam.Length];
        int count = 0;
        for (int index = 0; index < systemRam.Length; index++)
        {
            PhysicalRange range = systemRam[index];
            for (; index + 1 < systemRam.Length && systemRam[index + 1].Start.Value == range.End; index++)
            {
                range = range with { Length = range.Length + systemRam[index + 1].Length };
            }

            PhysicalRange pages = range.WholePages();
            if (pages.Length != 0) ram[count++] = pages;
        }

        return ram[..count];
    }

    /// <summary>Whether a byte is RAM.</summary>
    internal static bool Contain(ReadOnlySpan<PhysicalRange> ram, PhysicalAddress address) =>
        Find(ram, address.Value, address.Value) >= 0;

    /// <summary>Whether what mainline demands of the page of an update is so: RAM, and a 2 MiB page aligned with RAM at its end.</summary>
    internal static bool Contain(ReadOnlySpan<PhysicalRange> ram, PhysicalAddress address, PageSize size)
    {
        PhysicalAddress page = address.AlignDown(PageSize.Size4K);
        return Contain(ram, page) && (size == PageSize.Size4K || (page.AlignDown(size) == page && Contain(ram, page + size.OffsetMask())));
    }

    /// <summary>The range that has two bytes.</summary>
    /// <param name="ram">The ranges.</param>
    /// <param name="first">The first byte's address.</param>
    /// <param name="last">That of the last one.</param>
    /// <returns>Its index; -1 if there is none.</returns>
    internal static int Find(ReadOnlySpan<PhysicalRange> ram, ulong first, ulong last)
    {
        for (int index = 0; index < ram.Length; index++)
        {
            if (ram[index].Start.Value <= first && last < ram[index].End) return index;
        }

        return -1;
    }
}
