namespace FastRmp.Qemu;

/// <summary>Follows the control registers: callbacks of stores do not see registers, and need the tables that are in use.</summary>
internal static class ControlState
{
    /// <summary>A control register is about to be loaded.</summary>
    internal static void Follow(GuestCore core, IGuestProcessor processor, ControlLoad load)
    {
        StoreGuard.Lift(core, processor);
        ulong value = processor.Read(load.Source);
        GuestState state = GuestState.Of(processor);
        ControlRegisters registers = load.Control switch
        {
            0 => state.Registers with { Cr0 = value },
            3 => state.Registers with { Cr3 = new Cr3(value) },
            4 => state.Registers with { Cr4 = value },
            _ => state.Registers,
        };
        bool turnsOn = registers.Paging && !state.Registers.Paging && new Efer(registers.Efer).LongModeEnable;
        if (turnsOn) registers = registers with { Efer = (new Efer(registers.Efer) with { LongModeActive = true }).Value };
        core.State = state with { Registers = registers };
    }
}
