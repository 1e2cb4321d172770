using System;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Qemu;

/// <summary>Prevents stores that the RMP forbids: each is looked at before it is executed, and one that would be refused is executed with
/// its page read-only, so that the emulator itself raises #PF, with all that belongs to it. At the entry of the kernel's handler the
/// kernel's tables come back, and the error code gets the RMP bit.</summary>
/// <remarks>That a store is foreseen may be wrong in one direction only: what does not fault executes as ever, and the kernel's tables come
/// back before the next store.</remarks>
internal static class StoreGuard
{
    private const ulong FirstPlace = 0x2_0000; // behind the mailbox
    private const ulong DeviceBytes = 0x20_0000;
    private const byte UserCpl = 3;

    /// <summary>Processors whose tables the device's memory has room for.</summary>
    internal static int MostProcessors => (int)((DeviceBytes - FirstPlace) / PrivateTables.Bytes);

    /// <summary>An instruction that stores is about to be executed.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="core">The executing processor.</param>
    /// <param name="processor">Its registers.</param>
    /// <param name="device">The memory for the tables.</param>
    /// <param name="memory">Where the device's memory is; 0 if it is nowhere.</param>
    /// <param name="operand">Where the instruction stores.</param>
    /// <returns>Whether the store is expected to fault.</returns>
    internal static bool Foresee(
        SnpMachine machine, GuestCore core, IGuestProcessor processor, IDeviceMemory device, ulong memory, in StoreOperand operand)
    {
        if (core.Guarded is not null) Lift(core, processor);
        ReverseMapTable<RmpGeometry>? table = machine.Table;
        if (operand.IsFirst) core.HasDoubt = false;
        if (table is null || !core.IsSnpOn || !core.IsTranslating) return false;
        ulong rip = operand.IsRelative ? processor.AddressOf(operand.Offset) : 0;
        ulong address = operand.AddressIn(processor, rip);
        if (operand.Reach != 0)
        {
            ulong first = address - (ulong)operand.Before;
            if (AreFree(machine, core, table, first, first + (ulong)operand.Reach - 1)) return false;
            core.HasDoubt = true; // those that follow are looked at by themselves
        }

        bool isGuarded = Look(machine, core, processor, device, memory, operand, table, address);
        core.HasDoubt |= isGuarded; // so that the kernel's tables come back before the next store
        return isGuarded;
    }

    /// <summary>Looks at all pages that an instruction stores to.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Look(
        SnpMachine machine, GuestCore core, IGuestProcessor processor, IDeviceMemory device, ulong memory, in StoreOperand operand,
        ReverseMapTable<RmpGeometry> table, ulong address)
    {
        ulong bytes = (ulong)operand.Bytes;
        ulong end = address + bytes - 1;
        if (!operand.Repeats)
        {
            return Find(machine, core, table, address, end) is { } page
                && Guard(machine, core, processor, device, memory, operand, table, [page]);
        }

        // The direction is not shown: the first page that is forbidden among the elements up, and among those down.
        ulong count = operand.CountIn(processor);
        if (count == 0) return false;
        ulong reach = count > ulong.MaxValue / bytes ? ulong.MaxValue : (count * bytes) - 1;
        ulong low = address + bytes - 1 < reach ? 0 : address + bytes - 1 - reach;
        ulong high = ulong.MaxValue - address < reach ? ulong.MaxValue : address + reach;
        GuardedPage? up = Find(machine, core, table, address, high);
        GuardedPage? down = Find(machine, core, table, end, low);
        ImmutableArray<GuardedPage> pages = (up, down) switch
        {
            ({ } above, { } below) => [above, below],
            ({ } above, null) => [above],
            (null, { } below) => [below],
            _ => [],
        };
        return !pages.IsEmpty && Guard(machine, core, processor, device, memory, operand, table, pages);
    }

    /// <summary>The kernel's handler of #PF begins.</summary>
    /// <returns>Where the processor goes on; <see cref="InstructionStep.Emulator"/>: in the handler.</returns>
    internal static ulong Enter(SnpMachine machine, GuestCore core, IGuestProcessor processor)
    {
        if (core.Guarded is not { } guarded) return InstructionStep.Emulator;
        Lift(core, processor);
        GuestState state = GuestState.Of(processor);
        ulong top = processor.Read(GuestRegister.Rsp);
        ulong address = processor.Read(GuestRegister.Cr2);
        if (!guarded.Has(address) || machine.Table is not { } table
            || !TrapFrame.TryRead(machine.Ram, state, top + sizeof(ulong), out TrapFrame frame) || frame.Rip != guarded.Rip)
        {
            return InstructionStep.Emulator;
        }

        bool isUser = frame.Cpl == UserCpl;
        GuestMemory ram = machine.Ram.Memory;
        WalkResult walk = PageWalker.Translate(
            ref ram, state.Paging(), new VirtualAddress(address), new MemoryAccess(AccessKind.Write, isUser, frame.Flags.AlignmentCheck));
        if (!walk.IsMapped) return InstructionStep.Emulator; // a fault of its own, which the emulator found first
        PageFaultErrorCode code = RmpCheck.Host(table, AccessKind.Write, walk.Address, walk.Size, isUser);
        if (code.Value == 0 && machine.Returns.TryFind(machine.Ram, state, out ulong back))
        {
            processor.Write(GuestRegister.Rsp, top + sizeof(ulong)); // another processor has freed it meanwhile: once more
            return back;
        }

        ReadOnlySpan<ulong> pushed = [code.Value];
        VirtualMemory.TryWrite(machine.Ram, state, top, MemoryMarshal.AsBytes(pushed));
        StoreCheck.Count(machine, core, table, new Violation(frame.Rip, address, walk.Address, walk.Size, code));
        return InstructionStep.Emulator;
    }

    /// <summary>Gives the processor the kernel's tables again.</summary>
    internal static void Lift(GuestCore core, IGuestProcessor processor)
    {
        if (core.Guarded is not { } guarded) return;
        processor.Write(GuestRegister.Cr3, guarded.Cr3);
        core.Guarded = null;
    }

    /// <summary>Whether all is mapped from one address to another, on two pages at most, where nothing is assigned.</summary>
    private static bool AreFree(SnpMachine machine, GuestCore core, ReverseMapTable<RmpGeometry> table, ulong first, ulong last) =>
        IsFree(machine, core, table, first)
        && (((first ^ last) & ~PageSize.Size4K.OffsetMask()) == 0 || IsFree(machine, core, table, last));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsFree(SnpMachine machine, GuestCore core, ReverseMapTable<RmpGeometry> table, ulong address)
    {
        return core.Translations.TryFind(address, out ulong frame)
            ? StoreCheck.IsFree(table, frame)
            : IsFreeByTables(machine, core, table, address);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsFreeByTables(SnpMachine machine, GuestCore core, ReverseMapTable<RmpGeometry> table, ulong address)
    {
        GuestMemory memory = machine.Ram.Memory;
        WalkResult walk = Walk(ref memory, core, address);
        if (!walk.IsMapped) return false;
        core.Translations.Add(address, walk.Address.Value);
        return StoreCheck.IsFree(table, walk.Address.Value);
    }

    private static WalkResult Walk(ref GuestMemory memory, GuestCore core, ulong address) => PageWalker.Translate(
        ref memory, core.Paging, new VirtualAddress(address), new MemoryAccess(AccessKind.Read, MayTouchUserPages: true));

    /// <summary>Looks at each page on the way from one address to another, up or down.</summary>
    /// <returns>The first one that is forbidden, or null.</returns>
    private static GuardedPage? Find(
        SnpMachine machine, GuestCore core, ReverseMapTable<RmpGeometry> table, ulong first, ulong last)
    {
        GuestMemory memory = machine.Ram.Memory;
        for (ulong address = first; ;)
        {
            WalkResult walk = Walk(ref memory, core, address);
            if (!walk.IsMapped) return null; // the emulator's own fault
            bool isFree = StoreCheck.IsFree(table, walk.Address.Value);
            PageFaultErrorCode code = isFree ? default : RmpCheck.Host(table, AccessKind.Write, walk.Address, walk.Size);
            if (code.Value != 0) return new GuardedPage(address, walk, code);

            ulong mask = isFree && walk.Size != PageSize.Size4K ? PageSize.Size2M.OffsetMask() : PageSize.Size4K.OffsetMask();
            if (first <= last ? (address | mask) >= last : (address & ~mask) <= last) return null;
            address = first <= last ? (address | mask) + 1 : (address & ~mask) - 1;
        }
    }

    /// <summary>Gives the processor tables in which the pages are read-only. A store that cannot be prevented so counts as one that
    /// happened.</summary>
    private static bool Guard(
        SnpMachine machine, GuestCore core, IGuestProcessor processor, IDeviceMemory device, ulong memory, in StoreOperand operand,
        ReverseMapTable<RmpGeometry> table, ImmutableArray<GuardedPage> pages)
    {
        ControlRegisters registers = GuestState.Of(processor).Registers;
        PrivateTables tables = new(machine.Ram, memory + FirstPlace + ((ulong)core.Index * PrivateTables.Bytes), registers);
        ulong rip = processor.AddressOf(operand.Offset);
        bool isMade = memory != 0 && core.Index < MostProcessors;
        foreach (GuardedPage page in pages) isMade = isMade && tables.TryDeny(page.Address, page.Size);
        if (isMade && tables.TryWrite(device))
        {
            core.Guarded = new GuardedStore(registers.Cr3.Value, rip, pages);
            processor.Write(GuestRegister.Cr3, tables.Cr3);
            return true;
        }

        machine.Notes.Add($"the store at 0x{rip:x} could not be prevented: there is no memory for tables");
        GuardedPage first = pages[0];
        StoreCheck.Count(machine, core, table, new Violation(rip, first.Address, first.Walk.Address, first.Size, first.Code));
        return false;
    }
}
