using System;
using System.Runtime.InteropServices;
using FastRmp.Paging;

namespace FastRmp.Native;

/// <summary>Instructions from registers to registers, with the walks to their operands.</summary>
internal static unsafe class RegisterCalls
{
    private const uint LastInstruction = 2; // of the host and of guests

    /// <summary>frmp_execute_host.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_execute_host")]
    internal static int Host(
        ulong table, ulong memory, PagingBlock* paging, ulong processor, uint instruction, RegisterWords* registers,
        InstructionOutcome* result)
    {
        int state = paging is null ? Refusals.Null("paging") : paging->IsFilled ? (int)ErrorCode.Ok : Refusals.NotFilled("paging");
        return Execute(table, memory, paging, null, state, processor, instruction, registers, result);
    }

    /// <summary>frmp_execute_guest.</summary>
    [UnmanagedCallersOnly(EntryPoint = "frmp_execute_guest")]
    internal static int Guest(
        ulong table, ulong memory, NestedBlock* nested, ulong processor, uint instruction, RegisterWords* registers,
        InstructionOutcome* result)
    {
        int state = nested is null ? Refusals.Null("nested") : nested->IsFilled ? (int)ErrorCode.Ok : Refusals.NotFilled("nested");
        return Execute(table, memory, null, nested, state, processor, instruction, registers, result);
    }

    /// <summary>An instruction of the host, if there is the state of its walks, or else of a guest.</summary>
    private static int Execute(
        ulong table, ulong memory, PagingBlock* paging, NestedBlock* nested, int state, ulong processor, uint instruction,
        RegisterWords* registers, InstructionOutcome* result)
    {
        try
        {
            int code = Decode(
                table, memory, processor, registers, result, out TableHandle rmp, out MemoryHandle ram, out ExecutionState executing);
            if (code != (int)ErrorCode.Ok) return code;
            if (state != (int)ErrorCode.Ok) return state;
            CallerMemory view = ram.View();
            InstructionRegisters before = registers->Registers;
            InstructionResult end;
            bool isKnown = paging is not null
                ? TryRunHost(rmp.Table, ref view, PagingBlock.StateOf(ref *paging), executing, instruction, before, out end)
                : TryRunGuest(rmp.Table, ref view, NestedBlock.StateOf(ref *nested), executing, instruction, before, out end);
            if (!isKnown) return Refusals.Value("instruction", instruction);
            *registers = RegisterWords.Of(end.Registers);
            *result = new InstructionOutcome(end);
            return (int)ErrorCode.Ok;
        }
        catch (Exception problem) when (LastError.Caught(problem, out int code))
        {
            return code;
        }
    }

    private static bool TryRunHost(
        ReverseMapTable<RmpGeometry> rmp, ref CallerMemory view, in PagingState paging, in ExecutionState processor, uint instruction,
        InstructionRegisters before, out InstructionResult end)
    {
        end = instruction switch
        {
            0 => HypervisorInstructions.RmpUpdate(rmp, ref view, paging, processor, before),
            1 => HypervisorInstructions.PSmash(rmp, processor, before),
            2 => HypervisorInstructions.RmpRead(rmp, ref view, paging, processor, before),
            _ => default,
        };
        return instruction <= LastInstruction;
    }

    private static bool TryRunGuest(
        ReverseMapTable<RmpGeometry> rmp, ref CallerMemory view, in NestedPagingState nested, in ExecutionState processor,
        uint instruction, InstructionRegisters before, out InstructionResult end)
    {
        end = instruction switch
        {
            0 => GuestInstructions.PValidate(rmp, ref view, nested, processor, before),
            1 => GuestInstructions.RmpAdjust(rmp, ref view, nested, processor, before),
            2 => GuestInstructions.RmpQuery(rmp, ref view, nested, processor, before),
            _ => default,
        };
        return instruction <= LastInstruction;
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
