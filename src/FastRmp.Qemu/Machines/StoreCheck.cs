using System.Runtime.CompilerServices;
using FastRmp.Paging;

namespace FastRmp.Qemu;

/// <summary>The RMP check of a store that the emulator has made already: reported, never prevented.</summary>
internal static class StoreCheck
{
    /// <summary>Whether nothing in the 2 MiB region is assigned: the store passes whatever maps it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsFree(ReverseMapTable<RmpGeometry> table, ulong address) =>
        table.IsHypervisorOwned(PhysicalAddress.CreateUnchecked(address), PageSize.Size2M);

    /// <summary>Judges a store to a region that has assigned pages, by the size of its mapping.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="core">The processor.</param>
    /// <param name="address">The virtual address.</param>
    /// <param name="physical">The physical address.</param>
    /// <param name="rip">The instruction.</param>
    /// <returns>Whether the RMP forbids it.</returns>
    /// <remarks>A page that is assigned forbids it at any size, so that tables are walked only for the pages beside. A mapping that is not
    /// found, because another processor changed it meanwhile, counts as one of 4 KiB.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool Judge(SnpMachine machine, GuestCore core, ulong address, ulong physical, ulong rip)
    {
        ReverseMapTable<RmpGeometry>? table = machine.Table;
        if (table is null) return false;
        PhysicalAddress page = PhysicalAddress.Truncate(physical);
        PageSize mapping = SizeOf(machine.Ram, core.State, address, page);
        PageFaultErrorCode code = RmpCheck.Host(table, AccessKind.Write, page, mapping);
        if (code.Value == 0) return false;
        Count(machine, core, table, new Violation(rip, address, page, mapping, code));
        return true;
    }

    /// <summary>Counts a store that the RMP forbids; a processor's first one by an instruction is an event.</summary>
    internal static void Count(SnpMachine machine, GuestCore core, ReverseMapTable<RmpGeometry> table, in Violation violation)
    {
        if (core.Violations.TryRepeat(violation.Rip)) return;
        Violation first = Explained(table, violation) with { Function = machine.Functions.Of(violation.Rip) };
        core.Violations.Add(first);
        machine.Events.Write(core.Index, $"{first.ToString()}");
    }

    /// <summary>Adds the entry that decided.</summary>
    private static Violation Explained(ReverseMapTable<RmpGeometry> table, in Violation violation)
    {
        PhysicalAddress itself = violation.Page.AlignDown(PageSize.Size4K);
        RmpLookup own = table.Lookup(itself);
        if (own.IsAssigned) return violation with { Refusing = itself, Entry = own.Entry };
        PhysicalAddress page = violation.Page.AlignDown(PageSize.Size2M);
        for (ulong i = 0; i < PageSize.Size2M.Pages(); i++, page += PageSize.Size4K.Bytes())
        {
            RmpLookup other = table.Lookup(page);
            if (other.IsAssigned) return violation with { Refusing = page, Entry = other.Entry };
        }

        return violation;
    }

    private static PageSize SizeOf(GuestRam ram, in GuestState state, ulong address, PhysicalAddress page)
    {
        if (!state.IsLongMode || !state.Registers.Paging) return PageSize.Size4K;
        GuestMemory memory = ram.Memory;
        WalkResult walk = PageWalker.Translate(
            ref memory, state.Paging(), new VirtualAddress(address), new MemoryAccess(AccessKind.Read, MayTouchUserPages: true));
        return walk.IsMapped && walk.Address.AlignDown(PageSize.Size4K) == page.AlignDown(PageSize.Size4K) ? walk.Size : PageSize.Size4K;
    }
}
