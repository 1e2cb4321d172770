using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>PVALIDATE, RMPADJUST and RMPQUERY from a guest virtual address (rmp 4.5 to 4.7, paging 8).</summary>
/// <remarks>
/// Step by step in the order of the pseudo-code: who may execute it, the operands, the translation as a read by the guest's kernel
/// (the pages of its tables are checked, the page meant is not), what the table says. The instruction works on the reference table.
/// </remarks>
public sealed class ReferenceGuestInstructions
{
    private const ulong RegionBytes = 0x20_0000;
    private const ulong PageBytes = 0x1000;

    private readonly ReferenceNestedSetup _setup;
    private readonly ReferenceExecution _execution;
    private readonly ReferenceChoices _choices;
    private readonly ReferenceRmp _rmp;
    private readonly Func<ulong, ulong?> _read;
    private readonly bool _hasQuery;

    /// <summary>The instructions of one guest.</summary>
    /// <param name="setup">Its paging and the host's; the table in it must be there.</param>
    /// <param name="execution">The processor that executes them.</param>
    /// <param name="choices">The choices of the table.</param>
    /// <param name="hasQuery">Whether the processor has RMPQUERY.</param>
    /// <param name="read">Reads the quadword at a system physical address; null outside memory.</param>
    public ReferenceGuestInstructions(
        ReferenceNestedSetup setup, ReferenceExecution execution, ReferenceChoices choices, bool hasQuery, Func<ulong, ulong?> read)
    {
        ArgumentNullException.ThrowIfNull(setup);
        _rmp = setup.Rmp ?? throw new ArgumentNullException(nameof(setup));
        _setup = setup with { OfInstruction = true };
        _execution = execution;
        _choices = choices;
        _hasQuery = hasQuery;
        _read = read;
    }

    /// <summary>Executes PVALIDATE.</summary>
    /// <param name="registers">EAX or RAX, ECX, EDX.</param>
    /// <param name="setAccessedDirty">Whether the walk sets Accessed and Dirty.</param>
    /// <returns>What came of it.</returns>
    public ReferenceInstructionResult PValidate(ReferenceRegisters registers, bool setAccessedDirty = false)
    {
        if (!IsInSnpGuest()) return Fault(registers, ReferenceInstructionOutcome.InvalidOpcode);
        if (_execution.Cpl != 0) return Fault(registers, ReferenceInstructionOutcome.GeneralProtection);
        if (_execution.Vmpl != 0)
        {
            if (_choices.ValidateAboveVmpl0IsPermission) return Code(registers, ReferenceCode.FailPermission, carry: false);
            return Fault(registers, ReferenceInstructionOutcome.GeneralProtection);
        }

        ulong gva = _execution.LongMode64 ? registers.Rax : registers.Rax % (1UL << 32);
        ulong size = registers.Rcx % (1UL << 32);
        ulong operand = registers.Rdx % (1UL << 32);
        bool malformed = size > 1 || (operand > 1 && _choices.RefuseReservedAdjustInput);
        if (malformed || (size == 1 && gva % RegionBytes >= PageBytes)) return Code(registers, ReferenceCode.FailInput, carry: false);

        ReferenceInstructionResult? stop =
            RequiredOutcomes(
                registers, gva, setAccessedDirty, out ReferenceTranslation page, out IReadOnlyList<ReferenceTableEntry> writes);
        if (stop is not null) return stop;
        ReferenceValidateResult answer = _rmp.PValidate(_execution, page, large: size == 1, validate: operand % 2 == 1);
        return OfTable(registers, gva, page, answer.Result, answer.CarryFlag) with { Writes = writes };
    }

    /// <summary>Executes RMPADJUST.</summary>
    /// <param name="registers">RAX, RCX, RDX.</param>
    /// <param name="setAccessedDirty">Whether the walk sets Accessed and Dirty.</param>
    /// <returns>What came of it.</returns>
    public ReferenceInstructionResult Adjust(ReferenceRegisters registers, bool setAccessedDirty = false)
    {
        if (!IsInSnpGuest() || !_execution.LongMode64) return Fault(registers, ReferenceInstructionOutcome.InvalidOpcode);
        if (_execution.Cpl != 0) return Fault(registers, ReferenceInstructionOutcome.GeneralProtection);

        ulong gva = registers.Rax;
        ulong target = registers.Rdx % 256;
        ulong mask = registers.Rdx / 256 % 256;
        bool reserved = registers.Rdx >= 1UL << 17;
        bool malformed = registers.Rcx > 1 || target > 3 || mask > 31 || (reserved && _choices.RefuseReservedAdjustInput);
        if (malformed || (registers.Rcx == 1 && gva % RegionBytes >= PageBytes))
        {
            return Code(registers, ReferenceCode.FailInput, carry: null);
        }

        if ((int)target <= _execution.Vmpl) return Code(registers, ReferenceCode.FailPermission, carry: null);

        ReferenceInstructionResult? stop =
            RequiredOutcomes(
                registers, gva, setAccessedDirty, out ReferenceTranslation page, out IReadOnlyList<ReferenceTableEntry> writes);
        if (stop is not null) return stop;
        ReferenceAdjustInput input = new()
        {
            Large = registers.Rcx == 1,
            TargetVmpl = (byte)target,
            Mask = (byte)mask,
            Vmsa = registers.Rdx / 65536 % 2 == 1,
            ReservedNonZero = reserved,
        };
        return OfTable(registers, gva, page, _rmp.Adjust(_execution, page, input), carry: null) with { Writes = writes };
    }

    /// <summary>Executes RMPQUERY.</summary>
    /// <param name="registers">RAX, RDX.</param>
    /// <param name="setAccessedDirty">Whether the walk sets Accessed and Dirty.</param>
    /// <returns>What came of it.</returns>
    public ReferenceInstructionResult Query(ReferenceRegisters registers, bool setAccessedDirty = false)
    {
        if (!IsInSnpGuest() || !_execution.LongMode64 || !_hasQuery) return Fault(registers, ReferenceInstructionOutcome.InvalidOpcode);
        if (_execution.Cpl != 0) return Fault(registers, ReferenceInstructionOutcome.GeneralProtection);

        byte target = (byte)(registers.Rdx % 256);
        bool ownIsRefused = _choices.QueryRefusesOwnVmpl && target == _execution.Vmpl;
        if (target > 3 || target < _execution.Vmpl || ownIsRefused) return Code(registers, ReferenceCode.FailPermission, carry: null);

        ReferenceInstructionResult? stop =
            RequiredOutcomes(
                registers, registers.Rax, setAccessedDirty, out ReferenceTranslation page, out IReadOnlyList<ReferenceTableEntry> writes);
        if (stop is not null) return stop;
        ReferenceQueryResult answer = _rmp.Query(_execution, page, target);
        ReferenceInstructionResult result = OfTable(registers, registers.Rax, page, answer.Result, carry: null) with { Writes = writes };
        if (!answer.Result.Succeeded) return result;
        ulong told = target + (256UL * answer.Mask) + (answer.Vmsa ? 65536UL : 0);
        return result with { Registers = result.Registers with { Rcx = answer.Large ? 1UL : 0, Rdx = told } };
    }

    // The translation. It counts as private whatever the C-bit says, so that an exit on the page itself has ENC (rmp 4.5, 6.4).
    private ReferenceInstructionResult? RequiredOutcomes(
        ReferenceRegisters registers, ulong gva, bool setAccessedDirty, out ReferenceTranslation page,
        out IReadOnlyList<ReferenceTableEntry> writes)
    {
        bool mayTouchUserPages = ReferencePagingRules.Bit(registers.Flags, 18);
        ReferenceNestedSetup setup = _setup with { Guest = _setup.Guest with { AccessUserAllowed = mayTouchUserPages } };
        ReferenceNestedResult walk =
            new ReferenceNestedWalker(setup, _read).Walk(new ReferenceAccess(gva, ReferenceAccessKind.Read, User: false), setAccessedDirty);
        writes = walk.Writes;
        page = default;
        switch (walk.Outcome)
        {
            case ReferenceNestedOutcome.NonCanonical:
                return Fault(registers, ReferenceInstructionOutcome.GeneralProtection);
            case ReferenceNestedOutcome.GuestPageFault:
                return Fault(registers, ReferenceInstructionOutcome.GuestPageFault) with
                {
                    ErrorCode = walk.ErrorCode,
                    FaultAddress = gva,
                    Writes = writes,
                };
            case ReferenceNestedOutcome.NotValidated:
                return Fault(registers, ReferenceInstructionOutcome.NotValidated) with
                {
                    ErrorCode = walk.ErrorCode,
                    FaultAddress = gva,
                    Writes = writes,
                };
            case ReferenceNestedOutcome.OutsideMemory:
                return Fault(registers, ReferenceInstructionOutcome.OutsideMemory) with { Writes = writes };
            case ReferenceNestedOutcome.NestedPageFault:
            case ReferenceNestedOutcome.RmpViolation:
                bool onThePage = walk.GuestLevel == 0;
                bool ownWrite = walk.Outcome == ReferenceNestedOutcome.RmpViolation;
                if (ownWrite && !_setup.EncryptionOfOwnWritesIsTold) onThePage = false;
                ulong code = onThePage ? walk.ExitInfo1 | ReferenceNestedFault.Encrypted : walk.ExitInfo1;
                return Exit(registers, code, walk.ExitInfo2) with { Writes = writes };
            default:
                page = new ReferenceTranslation(walk.GuestPhysicalAddress, walk.PhysicalAddress, walk.NestedPageSize!.Value, gva);
                bool stops = !walk.IsPrivate && !_choices.InstructionsTakeSharedMappings;
                return stops ? Exit(registers, Told(ReferenceNestedFault.OfInstruction), page.Gpa) with { Writes = writes } : null;
        }
    }

    private bool IsInSnpGuest() => _execution.SnpEnabled && _execution.CurrentAsid != 0 && _execution.IsSnpGuest;

    private ReferenceInstructionResult OfTable(
        ReferenceRegisters registers, ulong gva, ReferenceTranslation page, ReferenceResult answer, bool? carry) => answer.Fault switch
        {
            ReferenceFault.None => Code(registers, answer.Code, carry),
            ReferenceFault.NestedPageFault => Exit(registers, Told(answer.ErrorCode), page.Gpa),
            ReferenceFault.VmmCommunication =>
                Fault(registers, ReferenceInstructionOutcome.NotValidated) with { ErrorCode = answer.ErrorCode, FaultAddress = gva },
            ReferenceFault.InvalidOpcode => Fault(registers, ReferenceInstructionOutcome.InvalidOpcode),
            _ => Fault(registers, ReferenceInstructionOutcome.GeneralProtection),
        };

    // paging 8.5: with GMET U is 1 if the guest's CPL is 3, and here it is 0.
    private ulong Told(ulong code) => _setup.Gmet && !_setup.GmetAlwaysReportsUser ? code & ~ReferenceNestedFault.User : code;

    private static ReferenceInstructionResult Fault(ReferenceRegisters registers, ReferenceInstructionOutcome outcome) =>
        new() { Outcome = outcome, Registers = registers };

    private static ReferenceInstructionResult Exit(ReferenceRegisters registers, ulong exitInfo1, ulong exitInfo2) =>
        Fault(registers, ReferenceInstructionOutcome.NestedPageFault) with { ExitInfo1 = exitInfo1, ExitInfo2 = exitInfo2 };

    // rmp 4.1: OF, ZF, AF, PF and SF by EAX; CF of PVALIDATE only.
    private ReferenceInstructionResult Code(ReferenceRegisters registers, ReferenceCode code, bool? carry)
    {
        ulong flags = registers.Flags;
        if (!_choices.InstructionsLeaveFlags)
        {
            foreach (int cleared in new[] { 2, 4, 6, 7, 11 }) flags = Set(flags, cleared, false);
            int ones = 0;
            for (int bit = 0; bit < 8; bit++) ones += ((int)code >> bit) & 1;
            flags = Set(flags, 2, ones % 2 == 0);
            flags = Set(flags, 6, code == ReferenceCode.Success);
        }

        if (carry is bool value) flags = Set(flags, 0, value);
        return new ReferenceInstructionResult
        {
            Outcome = ReferenceInstructionOutcome.Completed,
            Registers = registers with { Rax = (ulong)code, Flags = flags },
        };
    }

    private static ulong Set(ulong flags, int bit, bool value)
    {
        ulong one = 1UL << bit;
        bool has = flags / one % 2 == 1;
        return has == value ? flags : value ? flags + one : flags - one;
    }
}
