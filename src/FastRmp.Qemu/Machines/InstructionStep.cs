namespace FastRmp.Qemu;

/// <summary>What the plugin does before a watched instruction: nothing, so that the emulator executes it, or all of it, so that the
/// processor goes on elsewhere.</summary>
internal static class InstructionStep
{
    /// <summary>The answer that leaves the instruction to the emulator.</summary>
    internal const ulong Emulator = 0;

    /// <summary>Acts.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="core">The executing processor.</param>
    /// <param name="processor">Its registers.</param>
    /// <param name="what">The instruction.</param>
    /// <param name="rip">Its address.</param>
    /// <param name="next">The address behind it.</param>
    /// <returns>Where the processor goes on, or <see cref="Emulator"/>.</returns>
    internal static ulong Take(
        SnpMachine machine, GuestCore core, IGuestProcessor processor, WatchedInstruction what, ulong rip, ulong next) =>
        what switch
        {
            WatchedInstruction.Cpuid => Cpuid(machine, processor, next),
            WatchedInstruction.ReadMsr => ReadMsr(machine, core, processor, rip, next),
            WatchedInstruction.WriteMsr => WriteMsr(machine, core, processor, rip, next),
            WatchedInstruction.UndefinedEntry => UndefinedStep.Take(machine, core, processor, rip),
            WatchedInstruction.PageFaultEntry => StoreGuard.Enter(machine, core, processor),
            WatchedInstruction.FlushCaches => Flush(core),
            _ => Emulator,
        };

    private static ulong Flush(GuestCore core)
    {
        core.WasFlushed = true;
        return Emulator;
    }

    private static ulong Cpuid(SnpMachine machine, IGuestProcessor processor, ulong next)
    {
        uint leaf = (uint)processor.Read(GuestRegister.Rax);
        if (!ProcessorIdentity.TryAnswer(machine.Processor, leaf, out CpuidAnswer answer)
            || !new Cr0(processor.Read(GuestRegister.Cr0)).ProtectedMode) // in real mode RIP is an offset, and no kernel asks
        {
            return Emulator;
        }

        if (leaf == ProcessorIdentity.EncryptionLeaf) machine.Identify();
        processor.Write(GuestRegister.Rax, answer.Eax);
        processor.Write(GuestRegister.Rbx, answer.Ebx);
        processor.Write(GuestRegister.Rcx, answer.Ecx);
        processor.Write(GuestRegister.Rdx, answer.Edx);
        return next;
    }

    private static ulong ReadMsr(SnpMachine machine, GuestCore core, IGuestProcessor processor, ulong rip, ulong next)
    {
        MsrOutcome outcome = MsrAccess.Read(machine, core, (uint)processor.Read(GuestRegister.Rcx), out ulong value);
        if (outcome == MsrOutcome.NotOurs) return Emulator;
        GuestState state = GuestState.Of(processor);
        if (!state.IsProtectedMode || state.Cpl != 0) return Emulator; // its #GP(0)
        if (outcome == MsrOutcome.GeneralProtection) return Refuse(machine, core, processor, state, rip);
        processor.Write(GuestRegister.Rax, (uint)value);
        processor.Write(GuestRegister.Rdx, value >> 32);
        return next;
    }

    private static ulong WriteMsr(SnpMachine machine, GuestCore core, IGuestProcessor processor, ulong rip, ulong next)
    {
        uint number = (uint)processor.Read(GuestRegister.Rcx);
        bool isFixed = MsrAccess.IsFixed(core, number);
        if (!isFixed && MsrAccess.Read(machine, core, number, out _) == MsrOutcome.NotOurs) return Emulator;
        GuestState state = GuestState.Of(processor);
        if (!state.IsProtectedMode || state.Cpl != 0) return Emulator; // its #GP(0)
        ulong value = (uint)processor.Read(GuestRegister.Rax) | (processor.Read(GuestRegister.Rdx) << 32);
        if (isFixed || MsrAccess.Write(machine, core, number, value) == MsrOutcome.GeneralProtection)
        {
            return Refuse(machine, core, processor, state, rip);
        }

        if (core.IsSnpOn) machine.DirectMap.Begin(core.Index, state);
        return number == Msr.Hwcr ? Emulator : next;
    }

    private static ulong Refuse(SnpMachine machine, GuestCore core, IGuestProcessor processor, in GuestState state, ulong rip)
    {
        if (ExceptionDelivery.TryDeliver(
            machine.Ram, processor, state, core.Interrupts, ExceptionVector.GeneralProtection, 0, rip, out ulong handler))
        {
            return handler;
        }

        machine.Notes.Add("a #GP(0) could not be delivered; the emulator executed the instruction instead");
        return Emulator;
    }
}
