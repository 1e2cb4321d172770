using System;
using FastRmp.Paging;

namespace FastRmp;

/// <summary>RMPUPDATE, PSMASH, RMPREAD and RMPOPT as an emulated processor executes them: from the registers to the registers, with the
/// memory operand at [RCX], every fault in its order.</summary>
/// <remarks>
/// <para>Source: AMD64 APM vol. 3, the four instructions; vol. 2, 15.36; the order in docs/spec/rmp.md 4.1. The order: #UD; #GP(0); in a
/// guest FAIL_PERMISSION; of RMPUPDATE and RMPREAD the 16 bytes at [RCX]: an address that is not canonical, of the first byte or the last
/// (#GP(0)), then the walk to the page of the first byte, and to that of the last if it is another (#PF); then what
/// <see cref="ReverseMapTable{TGeometry}"/> says. An RAX above bit 51 has no entry: FAIL_INPUT.</para>
/// <para>The operand may begin at any byte. Its walks are a supervisor's, RFLAGS.AC included, with the host's RMP checks; RMPREAD's are
/// those of a write, and come before the table is looked at.</para>
/// <para>Total: registers may hold anything. Nothing is allocated. Any threads: the walks, the bytes of the operand and the instruction are
/// each as atomic as they are by themselves. The host's instructions without registers are those of
/// <see cref="ReverseMapTable{TGeometry}"/>, and with a retry those of
/// <see cref="HostInstructions"/>.</para>
/// </remarks>
public static partial class HypervisorInstructions
{
    /// <summary>RMPUPDATE as the processor executes it: the walk to the operand sets Accessed bits.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures and the operand.</typeparam>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="paging">The host's paging.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="registers">RAX: the page. RCX: virtual address of <see cref="RmpUpdateOperand"/>.</param>
    /// <returns>The outcome. Only SUCCESS changed the RMP.</returns>
    public static InstructionResult RmpUpdate<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in PagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        RmpUpdate<TMemory, TGeometry, UpdatingWalk<TMemory>>(table, ref memory, paging, processor, registers);

    /// <summary>RMPUPDATE that leaves the paging structures as they are: for memory that cannot be written.</summary>
    /// <inheritdoc cref="RmpUpdate{TMemory,TGeometry}"/>
    public static InstructionResult RmpUpdateReadOnlyTables<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in PagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry =>
        RmpUpdate<TMemory, TGeometry, ReadingWalk<TMemory>>(table, ref memory, paging, processor, registers);

    /// <summary>RMPREAD as the processor executes it: the walk to the buffer sets Accessed and Dirty bits, and the buffer is
    /// written.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures and the buffer.</typeparam>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP.</param>
    /// <param name="memory">The memory.</param>
    /// <param name="paging">The host's paging.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="registers">RAX: the page. RCX: virtual address of the 16 bytes that take <see cref="RmpReadOutput"/>.</param>
    /// <returns>The outcome. Only SUCCESS wrote the buffer.</returns>
    public static InstructionResult RmpRead<TMemory, TGeometry>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in PagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!table.Processor.HasRmpRead) return Ended(registers, RmpResult.InvalidOpcode, table.Choices);
        if (!HostRules.MayExecute(processor)) return Ended(registers, HostRules.Refusal(processor), table.Choices);
        if (!TryReach<TMemory, TGeometry, UpdatingWalk<TMemory>>(
            table, ref memory, paging, registers, AccessKind.Write, out MemoryOperand buffer, out InstructionResult fault))
        {
            return fault;
        }

        if (!buffer.TryRead(ref memory, out _, out _)) return Unfinished(registers, InstructionStatus.OutsideMemory);
        RmpResult result = RmpResult.Fail(RmpStatus.FailInput);
        RmpReadOutput output = default;
        if (registers.Rax <= PhysicalAddress.ValidMask)
        {
            result = table.RmpRead(processor, PhysicalAddress.CreateUnchecked(registers.Rax), out output);
        }

        if (result.IsSuccess && !buffer.TryWrite(ref memory, output.Low, output.High))
        {
            return Unfinished(registers, InstructionStatus.Contended);
        }

        return Ended(registers, result, table.Choices);
    }

    /// <summary>PSMASH.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="registers">RAX: the page.</param>
    /// <returns>The outcome. Only SUCCESS changed the RMP.</returns>
    public static InstructionResult PSmash<TGeometry>(
        ReverseMapTable<TGeometry> table, in ExecutionState processor, in InstructionRegisters registers)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        RmpResult result = registers.Rax <= PhysicalAddress.ValidMask
            ? table.PSmash(processor, PhysicalAddress.CreateUnchecked(registers.Rax))
            : HostRules.MayExecute(processor) ? RmpResult.Fail(RmpStatus.FailInput)
            : HostRules.Refusal(processor);
        return Ended(registers, result, table.Choices);
    }

    /// <summary>RMPOPT.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="core">Its core, used with no other table.</param>
    /// <param name="registers">RAX: an address in the 1 GiB region. RCX: 0 verifies and reports, everything else reports.</param>
    /// <returns>The outcome: CF alone, or a fault.</returns>
    public static InstructionResult RmpOpt<TGeometry>(
        ReverseMapTable<TGeometry> table, in ExecutionState processor, RmpOptCore core, in InstructionRegisters registers)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        RmpOptResult result = table.RmpOpt(processor, core, registers.Rax, registers.Rcx);
        return new InstructionResult
        {
            Status = StatusOf(result.Fault),
            Registers = registers with { RFlags = InstructionFlags.After(registers.RFlags, result) },
            IsContention = result.IsContention,
        };
    }
}
