using System;
using FastRmp.Addressing;
using FastRmp.Images.Elf;

namespace FastRmp.Images.DirectMap;

/// <summary>What an x86-64 kernel's VMCOREINFO says about its paging structures.</summary>
public static class KernelNotes
{
    private const ulong ImageStart = 0xFFFF_FFFF_8000_0000UL; // __START_KERNEL_map

    /// <summary>The kernel's reference tables: <c>SYMBOL(swapper_pg_dir)</c> or <c>SYMBOL(init_top_pgt)</c>, moved by <c>NUMBER(phys_base)</c>; levels by <c>NUMBER(pgtable_l5_enabled)</c>.</summary>
    /// <param name="notes">The notes.</param>
    /// <param name="root">Physical address of the top table.</param>
    /// <param name="mode">Four or five levels; four if the notes do not say.</param>
    /// <returns>Whether the notes name a page-aligned physical address.</returns>
    public static bool TryGetRoot(VmCoreInfo notes, out PhysicalAddress root, out PagingMode mode)
    {
        ArgumentNullException.ThrowIfNull(notes);
        root = default;
        mode = notes.TryGetNumber("pgtable_l5_enabled", out long enabled) && enabled != 0 ? PagingMode.FiveLevel : PagingMode.FourLevel;
        if (!notes.TryGetSymbol("swapper_pg_dir", out ulong symbol) && !notes.TryGetSymbol("init_top_pgt", out symbol)) return false;
        if (symbol < ImageStart || !notes.TryGetNumber("phys_base", out long moved)) return false;
        return PhysicalAddress.TryCreate(symbol - ImageStart + (ulong)moved, out root) && root.IsAligned(PageSize.Size4K);
    }

    /// <summary>The C-bit of a kernel with memory encryption: <c>NUMBER(sme_mask)</c>.</summary>
    /// <param name="notes">The notes.</param>
    /// <returns>The bit in its place, bits [51:32]; zero if the kernel has none, or does not say.</returns>
    public static ulong EncryptionMask(VmCoreInfo notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        const ulong Lowest = 1UL << 32;
        if (!notes.TryGetNumber("sme_mask", out long mask)) return 0;
        return mask >= (long)Lowest && ulong.IsPow2((ulong)mask) && (ulong)mask <= PhysicalAddress.ValidMask ? (ulong)mask : 0;
    }

    /// <summary>The base of the direct map, if the notes hold its value, or the address of the variable.</summary>
    /// <param name="notes">The notes.</param>
    /// <param name="value">The value, or the address in the kernel's image.</param>
    /// <returns>Whether there is one.</returns>
    /// <remarks>Mainline exports neither; distributions and debuggers' patches do, as number or as symbol. A symbol below the kernel's image is taken for the value.</remarks>
    internal static bool TryGetBase(VmCoreInfo notes, out ulong value)
    {
        if (notes.TryGetNumber("page_offset_base", out long number))
        {
            value = (ulong)number;
            return true;
        }

        return notes.TryGetSymbol("page_offset_base", out value);
    }

    /// <summary>Whether a symbol's address lies in the kernel's image.</summary>
    internal static bool IsInImage(ulong address) => address >= ImageStart;
}
