using System;
using FastRmp.Paging;
using FastRmp.Reference;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Paging.Nested;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>One instruction of a guest by the library and by the reference: result, registers, what the walk wrote, what became of the
/// RMP.</summary>
internal sealed class InstructionComparison(NestedGuestSetup setup)
{
    /// <summary>How often each status came up.</summary>
    internal long[] Outcomes { get; } = new long[8];

    internal ExecutionState Processor { get; set; } = ExecutionState.Guest(NestedGuestSetup.Asid);

    internal bool Smap { get; set; }

    internal bool GuestNoExecute { get; set; } = true;

    internal uint? Pkru { get; set; }

    internal ulong? VirtualTom { get; set; }

    internal bool Gmet { get; set; }

    /// <summary>Executes it in both; the paging structures are as the processor leaves them afterwards if
    /// <paramref name="marks"/>.</summary>
    internal InstructionResult Execute(GuestInstruction instruction, InstructionRegisters registers, bool marks = false)
    {
        WalkView view = new(setup.Memory);
        NestedPagingState state = State();
        ReverseMapTable<ContiguousGeometry> table = setup.Pair.Table;
        ReferenceInstructionResult expected = Expected(instruction, registers, marks);
        setup.Memory.Writes.Clear();
        InstructionResult result = (instruction, marks) switch
        {
            (GuestInstruction.PValidate, false) => GuestInstructions.PValidateReadOnlyTables(table, ref view, state, Processor, registers),
            (GuestInstruction.PValidate, true) => GuestInstructions.PValidate(table, ref view, state, Processor, registers),
            (GuestInstruction.RmpAdjust, false) => GuestInstructions.RmpAdjustReadOnlyTables(table, ref view, state, Processor, registers),
            (GuestInstruction.RmpAdjust, true) => GuestInstructions.RmpAdjust(table, ref view, state, Processor, registers),
            (GuestInstruction.RmpQuery, false) => GuestInstructions.RmpQueryReadOnlyTables(table, ref view, state, Processor, registers),
            _ => GuestInstructions.RmpQuery(table, ref view, state, Processor, registers),
        };
        Require(expected, result, $"{instruction} {registers} {Processor}");
        Assert.Equal(expected.Writes, setup.Memory.Writes);
        Outcomes[(int)result.Status]++;
        return result;
    }

    private NestedPagingState State() => new(
        setup.GuestState(nxe: GuestNoExecute, smap: Smap, keys: Pkru is uint keys ? new Pkru(keys) : null),
        setup.HostState(),
        VirtualTom is ulong top ? GuestPhysicalAddress.Create(top) : null,
        isSnpGuest: setup.IsEncrypted,
        executeTrap: Gmet,
        choices: setup.Choices);

    private ReferenceInstructionResult Expected(GuestInstruction instruction, InstructionRegisters registers, bool marks)
    {
        ReferenceNestedSetup nested = new()
        {
            Guest = new ReferencePaging
            {
                Cr3 = setup.GuestRoot + NestedGuestSetup.GuestStart,
                Levels = setup.GuestLevels,
                WriteProtect = true,
                NoExecuteEnabled = GuestNoExecute,
                Smep = true,
                Smap = Smap,
                UserKeys = Pkru is not null,
                Pkru = Pkru ?? 0,
                EncryptionBit = setup.Encryption?.Bit,
            },
            Host = new ReferencePaging
            {
                Cr3 = setup.HostRoot,
                Levels = setup.HostLevels,
                NoExecuteEnabled = true,
                Smep = true,
                Smap = true,
            },
            Rmp = setup.Pair.Reference,
            IsSnpGuest = true,
            Asid = Processor.Asid,
            Vmpl = Processor.Vmpl,
            VirtualTom = VirtualTom,
            Gmet = Gmet,
            GmetAlwaysReportsUser = setup.Choices.GmetAlwaysReportsUser,
            EncryptionOfOwnWritesIsTold = !setup.Choices.HideEncryptionOfNestedTableWrites,
            TableFaultsArePageAligned = setup.Choices.TableFaultsArePageAligned,
        };
        ReferenceGuestInstructions reference = new(
            nested, ModelPair.Plain(Processor), ModelPair.Plain(setup.Choices), hasQuery: setup.Pair.Table.Processor.HasRmpQuery,
            setup.Memory.Read);
        ReferenceRegisters plain = new(registers.Rax, registers.Rcx, registers.Rdx, registers.RFlags.Value);
        return instruction switch
        {
            GuestInstruction.PValidate => reference.PValidate(plain, marks),
            GuestInstruction.RmpAdjust => reference.Adjust(plain, marks),
            _ => reference.Query(plain, marks),
        };
    }

    private static void Require(ReferenceInstructionResult expected, in InstructionResult result, string what)
    {
        InstructionStatus status = expected.Outcome switch
        {
            ReferenceInstructionOutcome.Completed => InstructionStatus.Completed,
            ReferenceInstructionOutcome.InvalidOpcode => InstructionStatus.InvalidOpcode,
            ReferenceInstructionOutcome.GeneralProtection => InstructionStatus.GeneralProtection,
            ReferenceInstructionOutcome.GuestPageFault => InstructionStatus.PageFault,
            ReferenceInstructionOutcome.NestedPageFault => InstructionStatus.NestedPageFault,
            ReferenceInstructionOutcome.NotValidated => InstructionStatus.NotValidated,
            ReferenceInstructionOutcome.OutsideMemory => InstructionStatus.OutsideMemory,
            _ => throw new InvalidOperationException(),
        };
        ReferenceRegisters after = new(result.Registers.Rax, result.Registers.Rcx, result.Registers.Rdx, result.Registers.RFlags.Value);
        bool same = status == result.Status && expected.Registers == after && expected.ErrorCode == result.ErrorCode
            && expected.FaultAddress == result.FaultAddress
                && expected.ExitInfo1 == result.ExitInfo1.Value && expected.ExitInfo2 == result.ExitInfo2.Value;
        if (status == InstructionStatus.Completed) same &= (ulong)result.Code == result.Registers.Rax;
        if (!same) Assert.Fail($"{what}\n{expected}\n{result}");
    }
}
