using FastRmp.Paging;
using FastRmp.Tests.Paging;

namespace FastRmp.Tests.Access;

/// <summary>
/// What an instruction of the hypervisor's comes to if its operand is fetched or stored byte by byte and the plain form does the rest, on a
/// table of its own.
/// </summary>
internal sealed class PlainHypervisor(HypervisorRig rig, ReverseMapTable<ContiguousGeometry> table)
{
    internal InstructionResult Update(in InstructionRegisters registers, bool marks)
    {
        if (Refused() is { } refusal) return Told(registers, refusal);
        ulong[] places = new ulong[16];
        if (RequiredOutcomes(registers, AccessKind.Read, marks, places) is { } fault) return fault;
        ulong low = 0;
        ulong high = 0;
        for (int i = 0; i < 8; i++)
        {
            low |= (ulong)HypervisorRig.ByteAt(rig.Memory, places[i]) << (8 * i);
            high |= (ulong)HypervisorRig.ByteAt(rig.Memory, places[i + 8]) << (8 * i);
        }

        return Told(
            registers,
            HasNoEntry(registers)
                ? RmpResult.Fail(RmpStatus.FailInput)
                : table.RmpUpdate(rig.Processor, PhysicalAddress.Create(registers.Rax), new RmpUpdateOperand(low, high)));
    }

    internal InstructionResult Read(in InstructionRegisters registers)
    {
        if (Refused() is { } refusal) return Told(registers, refusal);
        ulong[] places = new ulong[16];
        if (RequiredOutcomes(registers, AccessKind.Write, marks: true, places) is { } fault) return fault;
        if (HasNoEntry(registers)) return Told(registers, RmpResult.Fail(RmpStatus.FailInput));
        RmpResult result = table.RmpRead(rig.Processor, PhysicalAddress.Create(registers.Rax), out RmpReadOutput output);
        for (int i = 0; i < 16 && result.IsSuccess; i++)
        {
            HypervisorRig.SetByte(rig.Memory, places[i], (byte)((i < 8 ? output.Low : output.High) >> (8 * (i % 8))));
        }

        return Told(registers, result);
    }

    internal InstructionResult Smash(in InstructionRegisters registers)
    {
        if (Refused() is { } refusal) return Told(registers, refusal);
        return Told(
            registers,
            HasNoEntry(registers)
                ? RmpResult.Fail(RmpStatus.FailInput)
                : table.PSmash(rig.Processor, PhysicalAddress.Create(registers.Rax)));
    }

    internal InstructionResult Optimize(in InstructionRegisters registers, RmpOptCore core)
    {
        RmpOptResult result = table.RmpOpt(rig.Processor, core, registers.Rax, registers.Rcx);
        if (result.Fault != RmpFault.None)
        {
            return Told(registers, result.Fault == RmpFault.InvalidOpcode ? RmpResult.InvalidOpcode : RmpResult.GeneralProtection);
        }

        ulong flags = (registers.RFlags.Value & ~1UL) | (result.CarryFlag ? 1UL : 0);
        return new InstructionResult { Registers = registers with { RFlags = new RFlags(flags) }, IsContention = result.IsContention };
    }

    private static bool HasNoEntry(in InstructionRegisters registers) => registers.Rax >> 52 != 0;

    private RmpResult? Refused()
    {
        if (!rig.Processor.Is64BitMode || !rig.Processor.SnpEnabled) return RmpResult.InvalidOpcode;
        if (rig.Processor.Cpl != 0) return RmpResult.GeneralProtection;
        return rig.Processor.Asid != 0 ? RmpResult.Fail(RmpStatus.FailPermission) : null;
    }

    /// <summary>Every byte by a walk of its own: all must be canonical first; the first that fails is the fault.</summary>
    private InstructionResult? RequiredOutcomes(in InstructionRegisters registers, AccessKind kind, bool marks, ulong[] places)
    {
        PagingState state = rig.Tree.State();
        WalkView view = rig.Tree.View;
        HostRmpCheck<ContiguousGeometry> check = new(table);
        MemoryAccess access = new(kind, MayTouchUserPages: (registers.RFlags.Value & (1UL << 18)) != 0);
        for (int i = 0; i < 16; i++)
        {
            long top = (long)unchecked(registers.Rcx + (ulong)i) >> (rig.Tree.Levels == 5 ? 56 : 47);
            if (top is not (0 or -1)) return new InstructionResult { Status = InstructionStatus.GeneralProtection, Registers = registers };
        }

        bool isOutside = false;
        for (int i = 0; i < 16; i++)
        {
            ulong address = unchecked(registers.Rcx + (ulong)i);
            WalkResult walk = marks
                ? PageWalker.Access(ref view, state, new VirtualAddress(address), access, ref check)
                : PageWalker.Translate(ref view, state, new VirtualAddress(address), access, ref check);
            places[i] = walk.Address.Value;
            if (walk.Status == WalkStatus.OutsideMemory)
            {
                return new InstructionResult { Status = InstructionStatus.OutsideMemory, Registers = registers };
            }

            if (!walk.IsMapped)
            {
                return new InstructionResult
                {
                    Status = InstructionStatus.PageFault,
                    Registers = registers,
                    ErrorCode = walk.ErrorCode,
                    FaultAddress = address,
                };
            }

            isOutside |= !rig.Memory.Holds(places[i]);
        }

        return isOutside ? new InstructionResult { Status = InstructionStatus.OutsideMemory, Registers = registers } : null;
    }

    private InstructionResult Told(in InstructionRegisters registers, RmpResult result) => new()
    {
        Status = result.Fault switch
        {
            RmpFault.None => InstructionStatus.Completed,
            RmpFault.InvalidOpcode => InstructionStatus.InvalidOpcode,
            _ => InstructionStatus.GeneralProtection,
        },
        Code = result.Status,
        Registers = result.Fault != RmpFault.None
            ? registers
            : registers with { Rax = (ulong)result.Status, RFlags = InstructionFlags.After(registers.RFlags, result, table.Choices) },
        IsContention = result.IsContention,
    };
}
