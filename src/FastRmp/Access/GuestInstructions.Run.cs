using System;
using System.Runtime.CompilerServices;
using FastRmp.Paging;

namespace FastRmp;

/// <content>The instructions themselves.</content>
public static partial class GuestInstructions
{
    /// <summary>A size that no RMP page has.</summary>
    private const PageSize NoSize = (PageSize)byte.MaxValue;

    /// <summary>Whether the walk writes Accessed and Dirty bits.</summary>
    private interface IWalk<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        static abstract NestedWalkResult Walk<TCheck>(
            scoped ref TMemory memory, in NestedPagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check)
            where TCheck : struct, INestedWalkCheck;
    }

    private static InstructionResult PValidate<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        ArgumentNullException.ThrowIfNull(table);
        VirtualAddress address = AddressIn(registers, processor);
        PageSize size = SizeIn((uint)registers.Rcx);
        uint operand = (uint)registers.Rdx;
        bool isValid = IsAligned(address, size) && (operand <= 1 || table.Choices.IgnoreReservedOperandBits);
        if (!PValidateInstruction.May(processor, size, isValid))
        {
            return Ended(
                registers, paging, default, address, PValidateInstruction.Refusal(table.Protocol, processor), table.Choices,
                definesCarry: true);
        }

        if (!TryReach<TMemory, TGeometry, TWalk>(
            table, ref memory, paging, processor, registers, address, out NestedPage page, out InstructionResult fault))
        {
            return fault;
        }

        return Ended(
            registers, paging, page.Gpa, address, table.Validate(processor.Asid, page, size, (operand & 1) != 0), table.Choices,
            definesCarry: true);
    }

    private static InstructionResult RmpAdjust<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        ArgumentNullException.ThrowIfNull(table);
        VirtualAddress address = AddressIn(registers, processor);
        PageSize size = SizeIn(registers.Rcx);
        RmpAdjustOperand operand = new(registers.Rdx);
        bool isAligned = IsAligned(address, size);
        if (!RmpAdjustInstruction.May(table.Protocol, processor, size, isAligned, operand))
        {
            return Ended(
                registers, paging, default, address, RmpAdjustInstruction.Refusal(table.Protocol, processor, size, isAligned, operand),
                table.Choices);
        }

        if (!TryReach<TMemory, TGeometry, TWalk>(
            table, ref memory, paging, processor, registers, address, out NestedPage page, out InstructionResult fault))
        {
            return fault;
        }

        return Ended(registers, paging, page.Gpa, address, table.Adjust(processor, page, size, operand), table.Choices);
    }

    private static InstructionResult RmpQuery<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table, scoped ref TMemory memory, in NestedPagingState paging, in ExecutionState processor,
        in InstructionRegisters registers)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        ArgumentNullException.ThrowIfNull(table);
        VirtualAddress address = AddressIn(registers, processor);
        byte target = new RmpAdjustOperand(registers.Rdx).TargetVmpl;
        if (!RmpQueryInstruction.May(table.Protocol, processor, target))
        {
            return Ended(registers, paging, default, address, RmpQueryInstruction.Refusal(table.Protocol, processor), table.Choices);
        }

        if (!TryReach<TMemory, TGeometry, TWalk>(
            table, ref memory, paging, processor, registers, address, out NestedPage page, out InstructionResult fault))
        {
            return fault;
        }

        InstructionResult result = Ended(
            registers, paging, page.Gpa, address, table.Query(processor.Asid, page, target, out RmpQueryOutput output), table.Choices);
        if (!result.IsSuccess) return result;
        RmpAdjustOperand rdx = new RmpAdjustOperand { TargetVmpl = target, Permissions = output.Permissions, Vmsa = output.IsVmsa };
        return result with { Registers = result.Registers with { Rcx = (ulong)output.Size, Rdx = rdx.Value } };
    }

    /// <summary>The walk to the page. The page itself is not checked, except that a shared mapping cannot lead to a page of the
    /// guest.</summary>
    private static bool TryReach<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table,
        scoped ref TMemory memory,
        in NestedPagingState paging,
        in ExecutionState processor,
        in InstructionRegisters registers,
        VirtualAddress address,
        out NestedPage page,
        out InstructionResult fault)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        NestedWalkResult walk = Walk<TMemory, TGeometry, TWalk>(table, ref memory, paging, processor, registers, address);
        page = new NestedPage(walk.Gpa, walk.Address, walk.NestedSize);
        bool isReached = walk.IsMapped && (walk.IsPrivate || table.Choices.InstructionsTakeSharedMappings);
        if (isReached) Unsafe.SkipInit(out fault); // 88 bytes that nothing reads
        else fault = Stopped(registers, address, walk, paging);
        return isReached;
    }

    /// <summary>A method of its own: in the middle of another the JIT has no inlining left for the walk.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static NestedWalkResult Walk<TMemory, TGeometry, TWalk>(
        ReverseMapTable<TGeometry> table,
        scoped ref TMemory memory,
        in NestedPagingState paging,
        in ExecutionState processor,
        in InstructionRegisters registers,
        VirtualAddress address)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TGeometry : struct, IRmpGeometry
        where TWalk : struct, IWalk<TMemory>
    {
        GuestInstructionCheck<TGeometry> check = new(table, processor);
        MemoryAccess access = new(AccessKind.Read, IsUser: false, registers.RFlags.AlignmentCheck);
        return TWalk.Walk(ref memory, paging, address, access, ref check);
    }

    /// <summary>What the walk ended with, as the instruction's own end.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InstructionResult Stopped(
        in InstructionRegisters registers, VirtualAddress address, in NestedWalkResult walk, in NestedPagingState paging)
    {
        bool isOwnWrite = walk.Status == NestedWalkStatus.RmpViolation; // of the nested walker, where it is about the page
        bool tellsPrivate = walk.IsFinal && !(isOwnWrite && paging.HidesEncryptionOfOwnWrites);
        InstructionResult end = new() { Registers = registers, Status = StatusOf(walk.Status) };
        return walk.Status switch
        {
            NestedWalkStatus.Mapped =>
                end with { ExitInfo1 = Reported(new NestedPageFaultCode(FaultCodes.OfInstruction), paging), ExitInfo2 = walk.Gpa },
            NestedWalkStatus.NestedPageFault or NestedWalkStatus.RmpViolation =>
                end with
                {
                    ExitInfo1 = tellsPrivate ? walk.ExitInfo1 with { Encrypted = true } : walk.ExitInfo1,
                    ExitInfo2 = walk.ExitInfo2
                },
            NestedWalkStatus.GuestPageFault or NestedWalkStatus.NotValidated =>
                end with { ErrorCode = walk.ErrorCode, FaultAddress = address.Value },
            _ => end,
        };
    }

    private static InstructionStatus StatusOf(NestedWalkStatus walk) => walk switch
    {
        NestedWalkStatus.NonCanonical => InstructionStatus.GeneralProtection,
        NestedWalkStatus.GuestPageFault => InstructionStatus.PageFault,
        NestedWalkStatus.NotValidated => InstructionStatus.NotValidated,
        NestedWalkStatus.OutsideMemory => InstructionStatus.OutsideMemory,
        NestedWalkStatus.Contended => InstructionStatus.Contended,
        _ => InstructionStatus.NestedPageFault,
    };

    /// <summary>The end of an instruction that came to its own tests.</summary>
    private static InstructionResult Ended(
        in InstructionRegisters registers, in NestedPagingState paging, GuestPhysicalAddress gpa, VirtualAddress address,
        in GuestResult result, ModelChoices choices, bool definesCarry = false)
    {
        if (result.Fault != RmpFault.None) return Faulted(registers, paging, gpa, address, result);
        RFlags flags = InstructionFlags.After(registers.RFlags, result, definesCarry, choices);
        return new InstructionResult
        {
            Code = result.Status,
            Registers = registers with { Rax = (ulong)result.Status, RFlags = flags },
        };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static InstructionResult Faulted(
        in InstructionRegisters registers, in NestedPagingState paging, GuestPhysicalAddress gpa, VirtualAddress address,
        in GuestResult result)
    {
        InstructionResult end = new() { Registers = registers };
        return result.Fault switch
        {
            RmpFault.InvalidOpcode => end with { Status = InstructionStatus.InvalidOpcode },
            RmpFault.GeneralProtection => end with { Status = InstructionStatus.GeneralProtection },
            RmpFault.PageNotValidated =>
                end with
                {
                    Status = InstructionStatus.NotValidated,
                    ErrorCode = GuestResult.PageNotValidatedCode,
                    FaultAddress = address.Value
                },
            _ =>
                end with
                {
                    Status = InstructionStatus.NestedPageFault,
                    ExitInfo1 = Reported(result.ExitInfo1, paging),
                    ExitInfo2 = gpa,
                    IsContention = result.IsContention
                },
        };
    }

    /// <summary>EXITINFO1 of the instruction's own fault: with GMET U is that of the guest's CPL, which is 0 here.</summary>
    private static NestedPageFaultCode Reported(NestedPageFaultCode code, in NestedPagingState paging) =>
        paging.AlwaysReportsUser ? code : code with
        {
            User = false,
        };

    /// <summary>rAX: outside 64-bit mode it has 32 bits.</summary>
    private static VirtualAddress AddressIn(in InstructionRegisters registers, in ExecutionState processor) =>
        new(processor.Is64BitMode ? registers.Rax : (uint)registers.Rax);

    private static PageSize SizeIn(ulong operand) => operand <= (ulong)PageSize.Size2M ? (PageSize)operand : NoSize;

    /// <summary>Whether bits [20:12] of the address are clear for a 2 MiB operand; [11:0] do not count.</summary>
    private static bool IsAligned(VirtualAddress address, PageSize size) =>
        size != PageSize.Size2M || (address.Value & PageSize.Size2M.OffsetMask() & ~PageSize.Size4K.OffsetMask()) == 0;

    // Explicit, as in HypervisorInstructions.
    private readonly struct ReadingWalk<TMemory> : IWalk<TMemory>
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static NestedWalkResult IWalk<TMemory>.Walk<TCheck>(
            scoped ref TMemory memory, in NestedPagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check) =>
            NestedWalker.Translate(ref memory, paging, address, access, ref check);
    }

    private readonly struct UpdatingWalk<TMemory> : IWalk<TMemory>
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static NestedWalkResult IWalk<TMemory>.Walk<TCheck>(
            scoped ref TMemory memory, in NestedPagingState paging, VirtualAddress address, MemoryAccess access, scoped ref TCheck check) =>
            NestedWalker.Access(ref memory, paging, address, access, ref check);
    }
}
