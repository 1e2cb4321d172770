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

    /// <summary>The walks to the operand's one or two pages. The fault is set only if it is not reached.</summary>
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
        VirtualAddress first = new(registers.Rcx);
        VirtualAddress last = new(unchecked(registers.Rcx + (MemoryOperand.Bytes - 1)));
        if (first.IsCanonicalUnchecked(paging.Mode) && last.IsCanonicalUnchecked(paging.Mode))
        {
            WalkResult walk = Walk<TMemory, TGeometry, TWalk>(table, ref memory, paging, first, registers, kind);
            operand = new MemoryOperand(walk.Address, walk.Address);
            if (walk.IsMapped && ((first.Value ^ last.Value) & ~PageSize.Size4K.OffsetMask()) == 0)
            {
                Unsafe.SkipInit(out fault); // 88 bytes that nobody reads
                return true;
            }

            return TryReachLast<TMemory, TGeometry, TWalk>(table, ref memory, paging, registers, kind, walk, ref operand, out fault);
        }

        operand = default;
        fault = Unfinished(registers, InstructionStatus.GeneralProtection);
        return false;
    }

    /// <summary>The rest of <see cref="TryReach"/> where the page of the first byte is not all: the page of the last, or the
    /// fault.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReachLast<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table,
        scoped ref TMemory memory,
        in PagingState paging,
        in InstructionRegisters registers,
        AccessKind kind,
        WalkResult walk,
        ref MemoryOperand operand,
        out InstructionResult fault)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        VirtualAddress page = new(registers.Rcx);
        if (walk.IsMapped)
        {
            page = new VirtualAddress((registers.Rcx + (MemoryOperand.Bytes - 1)) & ~PageSize.Size4K.OffsetMask());
            walk = Walk<TMemory, TGeometry, TWalk>(table, ref memory, paging, page, registers, kind);
            operand = operand with { LastPage = walk.Address };
        }

        fault = walk.IsMapped ? default : Stopped(registers, page, walk);
        return walk.IsMapped;
    }

    /// <summary>A method of its own: in the middle of another the JIT has no inlining left for the walk.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WalkResult Walk<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table,
        scoped ref TMemory memory,
        in PagingState paging,
        VirtualAddress address,
        in InstructionRegisters registers,
        AccessKind kind)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        HostRmpCheck<TGeometry> check = new(table);
        return TWalk.Walk(ref memory, paging, address, new MemoryAccess(kind, IsUser: false, registers.RFlags.AlignmentCheck), ref check);
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
            Registers = new InstructionRegisters(
                (ulong)result.Status, registers.Rcx, registers.Rdx, InstructionFlags.After(registers.RFlags, result, choices)),
            IsContention = result.IsContention,
        };

    private static InstructionStatus StatusOf(RmpFault fault) => fault switch
    {
        RmpFault.None => InstructionStatus.Completed,
        RmpFault.InvalidOpcode => InstructionStatus.InvalidOpcode,
        _ => InstructionStatus.GeneralProtection,
    };

    // Explicit, since the compiler makes a method between a public one with an in parameter and the interface: one that nothing tells the
    // JIT to inline, so that all inlining below it counts as the JIT's own choice, and it soon has enough.
    private readonly struct ReadingWalk<TMemory> : IWalk<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static WalkResult IWalk<TMemory>.Walk<TCheck>(
            scoped ref TMemory memory, in PagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check) =>
            PageWalker.Translate(ref memory, paging, address, access, ref check);
    }

    private readonly struct UpdatingWalk<TMemory> : IWalk<TMemory>
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static WalkResult IWalk<TMemory>.Walk<TCheck>(
            scoped ref TMemory memory, in PagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
        {
            NoTrace trace = default; // not PageWalker.Access, which is a call
            return PageWalk<TMemory, TCheck, UpdateEntries<TMemory>, NoTrace>.Run(
                ref memory, paging, address, access, ref check, ref trace);
        }
    }
}
