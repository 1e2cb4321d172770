using System.Threading;
using FastRmp.Paging;

namespace FastRmp.Images;

/// <summary>Finds the kernel's direct map in a memory image: the region where virtual and physical address have one constant
/// distance.</summary>
/// <remarks>
/// <para>Roots are tried in this order: the page before the given one, if both are a pair under page-table isolation, of which the given
/// one, the user's half, maps nothing of the direct map but a page for each processor; the given one; the page before it, if it can be the
/// kernel's half; the kernel's reference tables by VMCOREINFO. At each, the base is what VMCOREINFO says (<c>page_offset_base</c>, else the
/// frame behind <c>mem_section</c>), if any page is at the address that this base implies; else it comes from the tables alone: of all
/// bases that are a multiple of 1 GiB, the one to which the most bytes of write-back pages belong, the lowest of several. Only the upper
/// half below 0xFFFF_FE00_0000_0000 counts, so that user pages, entry area, modules and kernel image are ignored.</para>
/// <para>The C-bit is that of the state, else that of VMCOREINFO; if neither knows one, none is tried first, then bit 51 (Zen 3 and later),
/// then bit 47.</para>
/// <para>Source: Linux Documentation/arch/x86/x86_64/mm.rst, arch/x86/mm/kaslr.c, arch/x86/kernel/vmcore_info_64.c. Nothing is allocated.
/// Any threads may call it.</para>
/// </remarks>
public static class DirectMapFinder
{
    private const ulong ZenEncryption = 1UL << 51;
    private const ulong OldEncryption = 1UL << 47;

    /// <summary>Finds the map.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="state">Root and levels, and the C-bit if the caller knows it.</param>
    /// <param name="notes">The kernel's notes; null if there are none.</param>
    /// <param name="location">Where the map lies.</param>
    /// <param name="given">The base if the caller knows it, a multiple of 1 GiB; null to find it.</param>
    /// <param name="cancellation">Looked at once for each 1 GiB range; ends the search with an exception.</param>
    /// <returns>False if no page anywhere could belong to a direct map (of the given base).</returns>
    public static bool TryFind<TMemory>(
        TMemory memory,
        in PagingState state,
        VmCoreInfo? notes,
        out DirectMapLocation location,
        VirtualAddress? given = null,
        CancellationToken cancellation = default)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        location = default;
        if (given is { } start && !DirectMapLocation.CanBeBase(start.Value, state.Mode)) return false;
        ulong encryptionMask = state.EncryptionMask;
        if (encryptionMask == 0 && notes is not null) encryptionMask = KernelNotes.EncryptionMask(notes);
        if (encryptionMask != 0) return TryRoots(ref memory, state, notes, given, encryptionMask, cancellation, out location);
        return TryRoots(ref memory, state, notes, given, 0, cancellation, out location)
            || TryRoots(ref memory, state, notes, given, ZenEncryption, cancellation, out location)
            || TryRoots(ref memory, state, notes, given, OldEncryption, cancellation, out location);
    }

    private static bool TryRoots<TMemory>(
        scoped ref TMemory memory, in PagingState state, VmCoreInfo? notes, VirtualAddress? given, ulong encryptionMask,
        CancellationToken cancellation, out DirectMapLocation location)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        DirectMapLocation own =
            new(given ?? default, state.Root, state.Mode, encryptionMask, DirectMapBaseSource.Given, DirectMapRoot.Given);
        PhysicalAddress before = RootPair.KernelHalf(state.Root);
        DirectMapLocation half = own with { Root = before, RootKind = DirectMapRoot.KernelHalf };
        bool canBeHalf = before != state.Root;
        bool isHalf = canBeHalf && RootPair.IsPair(ref memory, before, encryptionMask);
        location = half;
        if (isHalf && TryRoot(ref memory, notes, given, cancellation, ref location)) return true;
        location = own;
        if (TryRoot(ref memory, notes, given, cancellation, ref location)) return true;
        location = half;
        if (canBeHalf && !isHalf && TryRoot(ref memory, notes, given, cancellation, ref location)) return true;
        if (notes is null || !KernelNotes.TryGetRoot(notes, out PhysicalAddress reference, out PagingMode mode) || mode != state.Mode)
        {
            return false;
        }

        location = location with { Root = reference, RootKind = DirectMapRoot.Reference };
        return TryRoot(ref memory, notes, given, cancellation, ref location);
    }

    private static bool TryRoot<TMemory>(
        scoped ref TMemory memory, VmCoreInfo? notes, VirtualAddress? given, CancellationToken cancellation, ref DirectMapLocation location)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        if (given is { } start) return TryBase(ref memory, start.Value, DirectMapBaseSource.Given, cancellation, ref location);
        if (notes is not null)
        {
            bool hasBase = TryReadBase(ref memory, notes, location, out ulong value);
            if (hasBase && TryBase(ref memory, value, DirectMapBaseSource.PageOffsetBase, cancellation, ref location)) return true;
            bool hasSections = TryReadSections(ref memory, notes, location, out value);
            if (hasSections && TryBase(ref memory, value, DirectMapBaseSource.MemorySections, cancellation, ref location)) return true;
        }

        if (!OffsetSearch.TryFind(ref memory, location, cancellation, out VirtualAddress found)) return false;
        location = location with { Base = found, BaseSource = DirectMapBaseSource.Tables };
        return true;
    }

    private static bool TryBase<TMemory>(
        scoped ref TMemory memory, ulong value, DirectMapBaseSource source, CancellationToken cancellation, ref DirectMapLocation location)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        if (!DirectMapLocation.CanBeBase(value, location.Mode)) return false;
        DirectMapLocation candidate = location with { Base = new VirtualAddress(value), BaseSource = source };
        if (!OffsetSearch.HasPage(ref memory, candidate, cancellation)) return false;
        location = candidate;
        return true;
    }

    private static bool TryReadBase<TMemory>(scoped ref TMemory memory, VmCoreInfo notes, in DirectMapLocation tables, out ulong value)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        if (!KernelNotes.TryGetBase(notes, out value)) return false;
        return !KernelNotes.IsInImage(value) || TableReader.TryRead(ref memory, tables, new VirtualAddress(value), out value);
    }

    // The array of a sparse-memory kernel is allocated at boot: what the notes name is its place in the direct map (inferred; agrees with
    // real images).
    private static bool TryReadSections<TMemory>(scoped ref TMemory memory, VmCoreInfo notes, in DirectMapLocation tables, out ulong value)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        value = 0;
        if (!notes.TryGetSymbol("mem_section", out ulong address) || address < DirectMapLocation.Lowest(tables.Mode)
            || address >= DirectMapLocation.Limit)
        {
            return false;
        }

        if (!TableReader.TryTranslate(ref memory, tables, new VirtualAddress(address), out PhysicalAddress physical)) return false;
        value = address - physical.Value;
        return true;
    }
}
