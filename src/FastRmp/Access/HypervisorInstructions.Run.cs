using System;
using System.Runtime.CompilerServices;
using FastRmp.Paging;

namespace FastRmp;

/// <content>The way to the operand, and the end.</content>
public static partial class HypervisorInstructions
{
    /// <summary>Whether the walk writes Accessed and Dirty bits.</summary>
    private interface IWalk<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        static abstract WalkResult Walk<TCheck>(
            scoped ref TMemory memory, in PagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
            where TCheck : struct, IWalkCheck;
    }

    private static InstructionResult RmpUpdate<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in PagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!HostRules.MayExecute(processor)) return Ended(registers, HostRules.Refusal(processor), table.Choices);
        if (!TryReach<TMemory, TGeometry, TWalk>(
            table, ref memory, paging, registers, AccessKind.Read, out MemoryOperand place, out InstructionResult fault))
        {
            return fault;
        }

        if (!place.TryRead(ref memory, out ulong low, out ulong high)) return Unfinished(registers, InstructionStatus.OutsideMemory);
        RmpResult result = registers.Rax <= PhysicalAddress.ValidMask
            ? table.RmpUpdate(processor, PhysicalAddress.CreateUnchecked(registers.Rax), new RmpUpdateOperand(low, high))
            : RmpResult.Fail(RmpStatus.FailInput);
        return Ended(registers, result, table.Choices);
    }

    /// <summary>The walks to the operand's one or two pages.</summary>
    private static bool TryReach<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table,
        scoped ref TMemory memory,
        in PagingState paging,
        in InstructionRegisters registers,
        AccessKind kind,
        out MemoryOperand operand,
        out InstructionResult fault)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        operand = default;
        VirtualAddress first = new(registers.Rcx);
        VirtualAddress last = new(unchecked(registers.Rcx + (MemoryOperand.Bytes - 1)));
        if (!first.IsCanonicalUnchecked(paging.Mode) || !last.IsCanonicalUnchecked(paging.Mode))
        {
            fault = Unfinished(registers, InstructionStatus.GeneralProtection);
            return false;
        }

        HostRmpCheck<TGeometry> check = new(table);
        MemoryAccess access = new(kind, IsUser: false, registers.RFlags.AlignmentCheck);
        WalkResult walk = TWalk.Walk(ref memory, paging, first, access, ref check);
        PhysicalAddress start = walk.Address;
        VirtualAddress lastPage = new(last.Value & ~PageSize.Size4K.OffsetMask());
        bool isSplit = lastPage.Value != (first.Value & ~PageSize.Size4K.OffsetMask());
        bool isReached = walk.IsMapped;
        if (isReached && isSplit)
        {
            walk = TWalk.Walk(ref memory, paging, lastPage, access, ref check);
            isReached = walk.IsMapped;
            first = lastPage;
        }

        operand = new MemoryOperand(start, walk.Address);
        fault = isReached ? default : Stopped(registers, first, walk);
        return isReached;
    }

    /// <summary>What a walk ended with, as the instruction's own end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InstructionResult Stopped(in InstructionRegisters registers, VirtualAddress address, in WalkResult walk) =>
        walk.Status switch
        {
            WalkStatus.NonCanonical => Unfinished(registers, InstructionStatus.GeneralProtection),
            WalkStatus.OutsideMemory => Unfinished(registers, InstructionStatus.OutsideMemory),
            WalkStatus.Contended => Unfinished(registers, InstructionStatus.Contended),
            _ =>
                new InstructionResult
                {
                    Status = InstructionStatus.PageFault,
                    Registers = registers,
                    ErrorCode = walk.ErrorCode,
                    FaultAddress = address.Value
                },
        };

    private static InstructionResult Unfinished(in InstructionRegisters registers, InstructionStatus status) => new()
    {
        Status = status,
        Registers = registers,
    };

    /// <summary>The end of an instruction that came to its own tests.</summary>
    private static InstructionResult Ended(in InstructionRegisters registers, RmpResult result, ModelChoices choices) =>
        result.Fault != RmpFault.None
        ? Unfinished(registers, StatusOf(result.Fault))
        : new InstructionResult
        {
            Code = result.Status,
            Registers = registers with { Rax = (ulong)result.Status, RFlags = InstructionFlags.After(registers.RFlags, result, choices) },
            IsContention = result.IsContention,
        };

    private static InstructionStatus StatusOf(RmpFault fault) => fault switch
    {
        RmpFault.None => InstructionStatus.Completed,
        RmpFault.InvalidOpcode => InstructionStatus.InvalidOpcode,
        _ => InstructionStatus.GeneralProtection,
    };

    private readonly struct ReadingWalk<TMemory> : IWalk<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        public static WalkResult Walk<TCheck>(
            scoped ref TMemory memory, in PagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
            where TCheck : struct, IWalkCheck => PageWalker.Translate(ref memory, paging, address, access, ref check);
    }

    private readonly struct MarkingWalk<TMemory> : IWalk<TMemory>
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        public static WalkResult Walk<TCheck>(
            scoped ref TMemory memory, in PagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
            where TCheck : struct, IWalkCheck => PageWalker.Access(ref memory, paging, address, access, ref check);
    }
}
