using System;
using System.Buffers.Binary;

namespace FastRmp.Qemu;

/// <summary>What the plugin does at the entry of the kernel's handler of #UD, which is where RMPUPDATE, PSMASH, RMPREAD and RMPOPT are
/// executed: the emulator does not know them.</summary>
/// <remarks>The emulator has then left a frame with all flags, on the stack that its task state segment gives, whatever the privilege level
/// was. If the instruction ends, the frame gets its flags and the processor goes on at an IRETQ of the kernel's, which loads them; if it
/// ends with another exception, the frame gets an error code, and the processor goes on at that one's handler.</remarks>
internal static class UndefinedStep
{
    /// <summary>Acts.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="core">The executing processor.</param>
    /// <param name="processor">Its registers.</param>
    /// <param name="entry">The handler's address.</param>
    /// <returns>Where the processor goes on, or <see cref="InstructionStep.Emulator"/>: in the handler.</returns>
    internal static ulong Take(SnpMachine machine, GuestCore core, IGuestProcessor processor, ulong entry)
    {
        GuestState state = GuestState.Of(processor);
        ulong top = processor.Read(GuestRegister.Rsp);
        Span<byte> bytes = stackalloc byte[InstructionDecoder.SnpBytes];
        if (!state.IsLongMode || state.Cpl != 0 || !TrapFrame.TryRead(machine.Ram, state, top, out TrapFrame frame)
            || !VirtualMemory.TryReadCode(machine.Ram, state, frame.Rip, bytes))
        {
            return InstructionStep.Emulator;
        }

        WatchedInstruction what = InstructionDecoder.Decode(bytes);
        if (what is not (WatchedInstruction.RmpUpdate or WatchedInstruction.PSmash or WatchedInstruction.RmpRead
            or WatchedInstruction.RmpOpt))
        {
            return InstructionStep.Emulator;
        }

        if (!machine.Returns.TryFind(machine.Ram, state, out ulong back))
        {
            machine.Notes.Add("an instruction stayed #UD: the kernel has not executed an IRETQ yet, which its flags need");
            return InstructionStep.Emulator;
        }

        RFlags flags = frame.Flags with { Resume = false };
        InstructionResult result =
            SnpInstructions.Execute(machine, core, processor, state with { Cpl = frame.Cpl }, flags, what);
        switch (result.Status)
        {
            case InstructionStatus.Completed:
                processor.Write(GuestRegister.Rax, result.Registers.Rax);
                TrapFrame after = frame with { Rip = frame.Rip + InstructionDecoder.SnpBytes, Flags = result.Registers.RFlags };
                return after.TryWrite(machine.Ram, state, top) ? back : Lost(machine, result);
            case InstructionStatus.Contended: // once more
                return (frame with { Flags = flags }).TryWrite(machine.Ram, state, top) ? back : Lost(machine, result);
            case InstructionStatus.GeneralProtection:
                return Turn(machine, processor, state, entry, ExceptionVector.GeneralProtection, 0, frame) is var handler and not 0
                    ? handler
                    : Lost(machine, result);
            case InstructionStatus.PageFault:
                ulong fault = Turn(machine, processor, state, entry, ExceptionVector.PageFault, result.ErrorCode, frame);
                if (fault == 0) return Lost(machine, result);
                processor.Write(GuestRegister.Cr2, result.FaultAddress);
                machine.Events.Write(
                    core.Index, $"exception vector=14 va=0x{result.FaultAddress:x} code=0x{result.ErrorCode:x} rip=0x{frame.Rip:x}");
                return fault;
            case InstructionStatus.InvalidOpcode:
                return InstructionStep.Emulator;
            default:
                return Lost(machine, result);
        }
    }

    /// <summary>Makes the frame one of another exception, which has an error code.</summary>
    /// <returns>Its handler, or 0 if its gate leads to another stack or segment.</returns>
    private static ulong Turn(
        SnpMachine machine, IGuestProcessor processor, in GuestState state, ulong entry, ExceptionVector vector, uint errorCode,
        in TrapFrame frame)
    {
        InterruptTable? table = machine.Interrupts.Leading(machine.Ram, ExceptionVector.InvalidOpcode, entry);
        if (table is null || !table.TryGate(machine.Ram, ExceptionVector.InvalidOpcode, out InterruptGate from)
            || !table.TryGate(machine.Ram, vector, out InterruptGate to) || to.Stack != from.Stack || to.Selector != from.Selector)
        {
            return 0;
        }

        Span<byte> pushed = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(pushed, errorCode);
        ulong top = processor.Read(GuestRegister.Rsp) - sizeof(ulong);
        if (!VirtualMemory.TryWrite(machine.Ram, state, top, pushed)) return 0;
        processor.Write(GuestRegister.Rsp, top);
        bool allows = !InterruptTable.Masks(to) && frame.Flags.Interrupt;
        RFlags now = new(processor.Read(GuestRegister.RFlags));
        if (now.Interrupt != allows) processor.Write(GuestRegister.RFlags, (now with { Interrupt = allows }).Value);
        return to.Handler;
    }

    private static ulong Lost(SnpMachine machine, in InstructionResult result)
    {
        machine.Notes.Add($"an instruction ended with {result}, which could not be delivered; it was #UD instead");
        return InstructionStep.Emulator;
    }
}
