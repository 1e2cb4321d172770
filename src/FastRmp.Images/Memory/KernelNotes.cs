using System;
using System.Numerics;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>What an x86-64 kernel's VMCOREINFO says about its paging structures.</summary>
public static class KernelNotes
{
    private const ulong ImageStart = 0xFFFF_FFFF_8000_0000UL; // __START_KERNEL_map
    private const ulong LastEntry = (PageArithmetic.EntriesPerTable - 1) * PagingEntry.SizeInBytes;

    /// <summary>The kernel's reference tables: <c>SYMBOL(swapper_pg_dir)</c> or <c>SYMBOL(init_top_pgt)</c>, moved by
    /// <c>NUMBER(phys_base)</c>; levels by <c>NUMBER(pgtable_l5_enabled)</c>.</summary>
    /// <param name="notes">The notes.</param>
    /// <param name="root">Physical address of the top table.</param>
    /// <param name="mode">Four or five levels; four if the notes do not say.</param>
    /// <returns>Whether the notes name a page-aligned physical address.</returns>
    public static bool TryGetRoot(VmCoreInfo notes, out PhysicalAddress root, out PagingMode mode)
    {
        ArgumentNullException.ThrowIfNull(notes);
        root = default;
        mode = PageArithmetic.ModeOf(notes.TryGetNumber("pgtable_l5_enabled", out long enabled) && enabled != 0);
        return TryGetRootSymbol(notes, out ulong symbol) && notes.TryGetNumber("phys_base", out long moved)
            && IsTable(symbol - ImageStart + (ulong)moved, out root);
    }

    /// <summary>The kernel's reference tables in an image: as its notes say, with the place of the kernel's image from the image's own
    /// segments where the notes do not give it.</summary>
    /// <param name="image">The image.</param>
    /// <param name="root">Physical address of the top table.</param>
    /// <param name="mode">Four or five levels; four if the notes do not say.</param>
    /// <returns>Whether a page-aligned physical address is found.</returns>
    /// <remarks>
    /// Tried in this order: <c>NUMBER(phys_base)</c>; the variable behind <c>SYMBOL(phys_base)</c>, as kernels before 4.10 have it; the
    /// program header that holds the kernel's image; no displacement, if the table that this gives maps the kernel's image (its last entry
    /// is present).
    /// </remarks>
    public static bool TryGetRoot(MemoryImage image, out PhysicalAddress root, out PagingMode mode)
    {
        ArgumentNullException.ThrowIfNull(image);
        root = default;
        mode = PagingMode.FourLevel;
        if (image.FindVmCoreInfo() is not { } notes) return false;
        if (TryGetRoot(notes, out root, out mode)) return true;
        if (!TryGetRootSymbol(notes, out ulong symbol)) return false;
        if (notes.TryGetSymbol("phys_base", out ulong variable) && TryTranslate(image, variable, out ulong place)
            && TryRead(image, place, out ulong moved))
        {
            return IsTable(symbol - ImageStart + moved, out root);
        }

        if (TryTranslate(image, symbol, out place)) return IsTable(place, out root);
        return IsTable(symbol - ImageStart, out root) && TryRead(image, root.Value + LastEntry, out ulong last)
            && (last & PagingEntry.PresentMask) != 0;
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

    /// <summary>The C-bit as paging takes it; null if the notes hold none.</summary>
    internal static MemoryEncryption? Encryption(VmCoreInfo notes) =>
        EncryptionMask(notes) is not 0 and ulong mask ? new MemoryEncryption(BitOperations.TrailingZeroCount(mask)) : null;

    /// <summary>What walks of the kernel's tables depend on.</summary>
    internal static PagingState Tables(VmCoreInfo notes, PhysicalAddress root, PagingMode mode) =>
        CpuState.LongMode(new Cr3(root.Value), mode).ToPagingState(new PagingOptions { Encryption = Encryption(notes) });

    /// <summary>The registers of a kernel in an image that holds none: kernels' own dumps have no emulator's note, but their VMCOREINFO
    /// names the reference tables and the levels.</summary>
    /// <param name="image">The image.</param>
    /// <param name="root">A root of the caller's own, for which the notes need only name the levels; null for the reference tables.</param>
    /// <returns>The registers.</returns>
    /// <exception cref="MalformedInputException">No root is given, and the notes hold none.</exception>
    internal static CpuState RegistersOf(MemoryImage image, Cr3? root)
    {
        // With a root of the caller's own, memory is not searched for notes.
        PhysicalAddress reference = default;
        PagingMode mode = PagingMode.FourLevel;
        bool isKnown = (root is null || image.VmCoreInfo is not null) && TryGetRoot(image, out reference, out mode);
        if (root is null && !isKnown)
        {
            string reason = image.VmCoreInfo is null ? "holds no processor's registers, and no VMCOREINFO that names the kernel's root"
                : "holds no processor's registers, and its VMCOREINFO does not name the kernel's root (SYMBOL(swapper_pg_dir), NUMBER(phys_base))";
            throw new MalformedInputException(InputProblem.InFile(image.Name, reason));
        }

        return CpuState.LongMode(root ?? new Cr3(reference.Value), mode);
    }

    /// <summary>The base of the direct map, if the notes hold its value, or the address of the variable.</summary>
    /// <param name="notes">The notes.</param>
    /// <param name="value">The value, or the address in the kernel's image.</param>
    /// <returns>Whether there is one.</returns>
    /// <remarks>Mainline exports neither; distributions and debuggers' patches do, as number or as symbol. A symbol below the kernel's
    /// image is taken for the value.</remarks>
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

    internal static bool TryGetRootSymbol(VmCoreInfo notes, out ulong symbol) =>
        (notes.TryGetSymbol("swapper_pg_dir", out symbol) || notes.TryGetSymbol("init_top_pgt", out symbol)) && symbol >= ImageStart;

    private static bool IsTable(ulong address, out PhysicalAddress table) =>
        PhysicalAddress.TryCreate(address, out table) && table.IsAligned(PageSize.Size4K);

    private static bool TryTranslate(MemoryImage image, ulong address, out ulong physical)
    {
        physical = 0;
        foreach (KernelImageSegment segment in image.KernelImage)
        {
            if (segment.TryTranslate(address, out physical)) return true;
        }

        return false;
    }

    private static bool TryRead(MemoryImage image, ulong address, out ulong value)
    {
        value = 0;
        const ulong Misalignment = sizeof(ulong) - 1;
        return (address & Misalignment) == 0 && PhysicalAddress.TryCreate(address, out PhysicalAddress physical)
            && image.Memory.View().TryRead(physical, out value);
    }
}
