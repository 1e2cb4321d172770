using System;
using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>Instructions from registers to registers, with the walks to their operands.</summary>
internal static unsafe class RegisterCalls
{
    /// <summary>frmp_execute_host.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_execute_host")]
    internal static int Host(
        ulong table, ulong memory, PagingBlock* paging, ulong processor, uint instruction, RegisterWords* registers,
        InstructionOutcome* result)
    {
        try
        {
            int code = Decode(
                table, memory, processor, registers, result, out TableHandle rmp, out MemoryHandle ram, out ExecutionState state);
            if (code != (int)ErrorCode.Ok) return code;
            if (paging is null) return Refusals.Null("paging");
            if (!paging->IsFilled) return Refusals.NotFilled("paging");
            CallerMemory view = ram.View();
            InstructionRegisters before = registers->Registers;
            ref readonly PagingState of = ref PagingBlock.StateOf(ref *paging);
            InstructionResult end;
            switch (instruction)
            {
                case 0:
                    end = HypervisorInstructions.RmpUpdate(rmp.Table, ref view, of, state, before);
                    break;
                case 1:
                    end = HypervisorInstructions.PSmash(rmp.Table, state, before);
                    break;
                case 2:
                    end = HypervisorInstructions.RmpRead(rmp.Table, ref view, of, state, before);
                    break;
                default:
                    return Refusals.Value("instruction", instruction);
            }

            *registers = RegisterWords.Of(end.Registers);
            *result = new InstructionOutcome(end);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    /// <summary>frmp_execute_guest.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_execute_guest")]
    internal static int Guest(
        ulong table, ulong memory, NestedBlock* nested, ulong processor, uint instruction, RegisterWords* registers,
        InstructionOutcome* result)
    {
        try
        {
            int code = Decode(
                table, memory, processor, registers, result, out TableHandle rmp, out MemoryHandle ram, out ExecutionState state);
            if (code != (int)ErrorCode.Ok) return code;
            if (nested is null) return Refusals.Null("nested");
            if (!nested->IsFilled) return Refusals.NotFilled("nested");
            CallerMemory view = ram.View();
            InstructionRegisters before = registers->Registers;
            ref readonly NestedPagingState of = ref NestedBlock.StateOf(ref *nested);
            InstructionResult end;
            switch (instruction)
            {
                case 0:
                    end = GuestInstructions.PValidate(rmp.Table, ref view, of, state, before);
                    break;
                case 1:
                    end = GuestInstructions.RmpAdjust(rmp.Table, ref view, of, state, before);
                    break;
                case 2:
                    end = GuestInstructions.RmpQuery(rmp.Table, ref view, of, state, before);
                    break;
                default:
                    return Refusals.Value("instruction", instruction);
            }

            *registers = RegisterWords.Of(end.Registers);
            *result = new InstructionOutcome(end);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    private static int Decode(
        ulong table, ulong memory, ulong processor, RegisterWords* registers, InstructionOutcome* result, out TableHandle rmp,
        out MemoryHandle ram, out ExecutionState state)
    {
        rmp = Slots.Find<TableHandle>(table)!;
        ram = Slots.Find<MemoryHandle>(memory)!;
        state = default;
        if (rmp is null) return Refusals.Handle(table);
        if (ram is null) return Refusals.Handle(memory);
        if (registers is null || result is null) return Refusals.Null(registers is null ? "registers" : "result");
        return ProcessorWord.TryDecode(processor, out state) ? (int)ErrorCode.Ok : Refusals.Value("processor", processor);
    }
}
