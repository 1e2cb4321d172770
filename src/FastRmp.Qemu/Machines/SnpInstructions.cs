using System;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu;

/// <summary>RMPUPDATE, PSMASH, RMPREAD and RMPOPT: from the emulator's registers to the library and back.</summary>
/// <remarks>Several processors at once: nothing here is locked but the event log, if there is one.</remarks>
internal static class SnpInstructions
{
    /// <summary>Executes one.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="core">The executing processor.</param>
    /// <param name="processor">Its registers: untouched.</param>
    /// <param name="state">Its state.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="what">The instruction.</param>
    /// <returns>The outcome, with the registers as they shall be. #UD as long as SNP is off.</returns>
    internal static InstructionResult Execute(
        SnpMachine machine, GuestCore core, IGuestProcessor processor, in GuestState state, RFlags flags, WatchedInstruction what)
    {
        InstructionRegisters registers = new(
            processor.Read(GuestRegister.Rax), processor.Read(GuestRegister.Rcx), processor.Read(GuestRegister.Rdx), flags);
        ExecutionState execution = state.Execution(core.Syscfg);
        ReverseMapTable<RmpGeometry>? table = machine.Table;
        InstructionResult result = table is null || !execution.SnpEnabled || !execution.Is64BitMode
            ? new InstructionResult { Status = InstructionStatus.InvalidOpcode, Registers = registers }
            : Execute(table, machine, core, state, execution, registers, what);
        CountsOf(core, what).Add(result, registers.Rax);
        return result;
    }

    private static InstructionResult Execute(
        ReverseMapTable<RmpGeometry> table, SnpMachine machine, GuestCore core, in GuestState state, in ExecutionState execution,
        in InstructionRegisters registers, WatchedInstruction what)
    {
        GuestMemory memory = machine.Ram.Memory;
        if (what == WatchedInstruction.RmpUpdate)
        {
            machine.Assign();
            if (machine.DirectMap.IsOn) machine.DirectMap.Begin(core.Index, state); // another kernel may have taken over
            machine.DirectMap.Look(core.Index, registers.Rax);
        }

        bool isAsked = what == WatchedInstruction.RmpUpdate && (machine.Events.IsOn || machine.Injector.ConcernsUpdates);
        RmpUpdateOperand operand = default;
        bool hasOperand = isAsked && TryOperand(machine.Ram, state, registers.Rcx, out operand); // its page may be the one that changes
        RmpStatus code = RmpStatus.Success;
        bool isInjected = hasOperand && Answers(machine.Injector, execution, registers.Rax, operand, out code);
        InstructionResult result = what switch
        {
            WatchedInstruction.RmpUpdate when isInjected => Injected(registers, code),
            WatchedInstruction.RmpUpdate =>
                HypervisorInstructions.RmpUpdate(table, ref memory, state.Paging(), execution, registers),
            WatchedInstruction.PSmash => HypervisorInstructions.PSmash(table, execution, registers),
            WatchedInstruction.RmpRead => HypervisorInstructions.RmpRead(table, ref memory, state.Paging(), execution, registers),
            _ => HypervisorInstructions.RmpOpt(table, execution, core.RmpOpt, registers),
        };
        if (machine.Events.IsOn) Report(machine.Events, core, registers, operand, result, what, isInjected);
        return result;
    }

    private static void Report(
        EventLog events, GuestCore core, in InstructionRegisters registers, RmpUpdateOperand operand, in InstructionResult result,
        WatchedInstruction what, bool isInjected)
    {
        switch (what)
        {
            case WatchedInstruction.RmpUpdate:
                events.Write(
                    core.Index,
                    $"rmpupdate spa=0x{registers.Rax:x} {Text(operand)} -> {Outcome(result)}{(isInjected ? " (injected)" : "")}");
                break;
            case WatchedInstruction.PSmash:
                events.Write(core.Index, $"psmash spa=0x{registers.Rax:x} -> {Outcome(result)}");
                break;
            case WatchedInstruction.RmpRead:
                events.Write(core.Index, $"rmpread spa=0x{registers.Rax:x} -> {Outcome(result)}");
                break;
            default:
                events.Write(core.Index, $"rmpopt spa=0x{registers.Rax:x} function={registers.Rcx} cf={Bit(result.CarryFlag)}");
                break;
        }
    }

    /// <summary>The operand, if it can be read: else the instruction ends before it is looked at.</summary>
    private static bool TryOperand(GuestRam ram, in GuestState state, ulong address, out RmpUpdateOperand operand)
    {
        Span<ulong> words = stackalloc ulong[2];
        bool isRead = VirtualMemory.TryRead(ram, state, address, MemoryMarshal.AsBytes(words));
        operand = isRead ? new RmpUpdateOperand(words[0], words[1]) : default;
        return isRead;
    }

    private static bool Answers(
        Injector injector, in ExecutionState execution, ulong page, RmpUpdateOperand operand, out RmpStatus code)
    {
        code = RmpStatus.Success;
        return execution.Cpl == 0 && injector.TryAnswer(page, operand, out code);
    }

    /// <summary>A refusal that the library did not give.</summary>
    private static InstructionResult Injected(in InstructionRegisters registers, RmpStatus code) => new()
    {
        Code = code,
        Registers = registers with
        {
            Rax = (ulong)code,
            RFlags = InstructionFlags.After(registers.RFlags, RmpResult.Fail(code), ModelChoices.Default),
        },
    };

    private static string Text(RmpUpdateOperand operand)
    {
        string size = operand.PageSize == PageSize.Size2M ? "2m" : "4k";
        return FormattableString.Invariant(
            $"size={size} assigned={Bit(operand.Assigned)} asid={operand.Asid} gpa=0x{operand.Gpa:x} immutable={Bit(operand.Immutable)}");
    }

    private static string Outcome(in InstructionResult result) =>
        result.Status == InstructionStatus.Completed ? result.Code.Name() : result.ToString();

    private static int Bit(bool value) => value ? 1 : 0;

    private static InstructionCounts CountsOf(GuestCore core, WatchedInstruction what) => what switch
    {
        WatchedInstruction.RmpUpdate => core.Updates,
        WatchedInstruction.PSmash => core.Smashes,
        WatchedInstruction.RmpRead => core.Reads,
        _ => core.Optimizations,
    };
}
