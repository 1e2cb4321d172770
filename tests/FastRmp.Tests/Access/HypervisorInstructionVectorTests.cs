using System;
using System.Linq;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>RMPUPDATE, PSMASH, RMPREAD and RMPOPT by their registers, line by line: AMD64 APM vol. 3; the order of tests: rmp 4.1,
/// 4.3.</summary>
public sealed class HypervisorInstructionVectorTests
{
    private const ulong Page = 0x20_3000;
    private const ulong NotCanonical = 0x1234_0000_0000_0000UL;
    private const ulong Zero = 1UL << 6;
    private const ulong Parity = 1UL << 2;
    private const ulong Arithmetic = 0x8D5; // OF, SF, ZF, AF, PF, CF
    private const ulong Carry = 1;
    private const ulong Ac = 1UL << 18;

    [Theory]
    [InlineData(HypervisorRig.Data)]
    [InlineData(HypervisorRig.Data + 1)]
    [InlineData(HypervisorRig.Data + 0xFF0)]
    [InlineData(HypervisorRig.Data + 0xFF1)]
    [InlineData(HypervisorRig.Data + 0xFF4)]
    [InlineData(HypervisorRig.Data + 0xFF8)]
    [InlineData(HypervisorRig.Data + 0xFFD)]
    [InlineData(HypervisorRig.Data + 0xFFF)]
    [InlineData(HypervisorRig.Top + 0xFF8)]
    [InlineData(HypervisorRig.Top + 0xFFB)]
    [InlineData(HypervisorRig.LowEnd + 0xFF0)]
    public void An_operand_is_read_from_any_byte_and_over_the_end_of_a_page(ulong rcx)
    {
        using HypervisorRig rig = new();
        RmpUpdateOperand operand = Operands.Assign(0x0000_00AB_CDEF_1000, 0x1A5);
        InstructionResult result = rig.Update(Page, rig.Put(rcx, operand), flags: new RFlags(Arithmetic | 0x202));
        Assert.True(result.IsSuccess);
        Assert.Equal(new InstructionRegisters(0, rcx, 0x1234, new RFlags(0x202 | Zero | Parity | Carry)), result.Registers);
        RmpLookup found = rig.Table.Lookup(PhysicalAddress.Create(Page));
        Assert.True(found is { IsAssigned: true, Entry.Asid: 0x1A5 });
        Assert.Equal(0x0000_00AB_CDEF_1000UL, found.Entry.Gpa.Value);
    }

    [Fact]
    public void The_walks_set_Accessed_bits_or_none()
    {
        using HypervisorRig rig = new();
        ulong rcx = rig.Put(HypervisorRig.Data + 0xFF8, Operands.Assign(0, 5));
        Assert.True(rig.Update(Page, rcx, marks: false).IsSuccess);
        Assert.Empty(rig.Memory.Writes);
        Assert.True(rig.Update(Page, rcx).IsSuccess);
        Assert.Equal(5, rig.Memory.Writes.Count); // four levels, and the second page's own
        Assert.All(rig.Memory.Writes, static write => Assert.Equal(TableTree.A, write.Value & (TableTree.A | TableTree.D)));
    }

    [Theory]
    [InlineData(false, true, 0, 0U, InstructionStatus.InvalidOpcode)]
    [InlineData(true, false, 0, 0U, InstructionStatus.InvalidOpcode)]
    [InlineData(false, false, 3, 7U, InstructionStatus.InvalidOpcode)]
    [InlineData(true, true, 3, 0U, InstructionStatus.GeneralProtection)]
    [InlineData(true, true, 1, 7U, InstructionStatus.GeneralProtection)]
    [InlineData(true, true, 0, 7U, InstructionStatus.Completed)]
    public void Faults_of_the_instruction_come_before_its_operands(bool is64Bit, bool snp, byte cpl, uint asid, InstructionStatus status)
    {
        using HypervisorRig rig = new() { Processor = new ExecutionState(is64Bit, cpl, asid, snp) };
        foreach (ulong rcx in new[] { NotCanonical, HypervisorRig.Absent, HypervisorRig.Outside, ulong.MaxValue })
        {
            foreach (ulong rax in new[] { 0UL, Page, 1UL << 52, ulong.MaxValue })
            {
                InstructionRegisters before = new(rax, rcx, 0x1234, new RFlags(Arithmetic));
                InstructionResult[] results =
                [
                    rig.Update(rax, rcx, flags: before.RFlags), rig.Update(rax, rcx, marks: false, before.RFlags),
                    rig.Read(rax, rcx, before.RFlags), HypervisorInstructions.PSmash(rig.Table, rig.Processor, before),
                ];
                foreach (InstructionResult result in results)
                {
                    Assert.Equal(status, result.Status);
                    if (status != InstructionStatus.Completed) Assert.Equal(before, result.Registers);
                    else Assert.Equal((RmpStatus.FailPermission, 2UL), (result.Code, result.Registers.Rax));
                }
            }
        }

        Assert.Empty(rig.Memory.Writes);
    }

    [Theory]
    [InlineData(HypervisorRig.Absent, HypervisorRig.Absent, 0U, 2U)]
    [InlineData(HypervisorRig.Absent - 1, HypervisorRig.Absent, 0U, 2U)]
    [InlineData(HypervisorRig.Absent - 15, HypervisorRig.Absent, 0U, 2U)]
    [InlineData(HypervisorRig.Absent + 0xFFF, HypervisorRig.Absent + 0xFFF, 0U, 2U)]
    [InlineData(0xFFFF_8000_0000_0000UL, 0xFFFF_8000_0000_0000UL, 0U, 2U)]
    public void A_page_that_is_not_there_faults_at_the_first_byte_touched(ulong rcx, ulong cr2, uint readCode, uint writeCode)
    {
        using HypervisorRig rig = new();
        foreach (ulong rax in new[] { Page, 1UL, ulong.MaxValue })
        {
            RequireFault(rig.Update(rax, rcx), readCode, cr2, rax, rcx);
            RequireFault(rig.Read(rax, rcx), writeCode, cr2, rax, rcx);
        }
    }

    [Theory]
    [InlineData(NotCanonical)]
    [InlineData(0x0000_8000_0000_0000UL)]
    [InlineData(0xFFFF_7FFF_FFFF_FFFFUL)]
    [InlineData(0xFFFF_7FFF_FFFF_FFF0UL)]
    [InlineData(0x0000_7FFF_FFFF_FFF1UL)]
    [InlineData(0x0000_7FFF_FFFF_FFFFUL)]
    public void An_operand_with_a_byte_that_is_not_canonical_is_a_general_protection_fault_before_any_walk(ulong rcx)
    {
        using HypervisorRig rig = new();
        InstructionRegisters registers = new(Page, rcx, 0x1234);
        foreach (InstructionResult result in new[] { rig.Update(Page, rcx), rig.Update(Page, rcx, marks: false), rig.Read(Page, rcx) })
        {
            Assert.Equal((InstructionStatus.GeneralProtection, registers, 0UL), (result.Status, result.Registers, result.FaultAddress));
        }

        Assert.Empty(rig.Memory.Writes);
    }

    [Fact]
    public void With_five_levels_the_same_address_is_walked()
    {
        using HypervisorRig rig = new(levels: 5);
        RequireFault(rig.Update(Page, 0x0000_8000_0000_0000UL), 0, 0x0000_8000_0000_0000UL, Page, 0x0000_8000_0000_0000UL);
        Assert.True(rig.Update(Page, rig.Put(HypervisorRig.Data + 0xFFC, Operands.Assign(0, 5))).IsSuccess);
    }

    [Fact]
    public void A_buffer_has_to_be_writable_for_the_kernel_and_the_hypervisors_own()
    {
        using HypervisorRig rig = new();
        RequireFault(rig.Read(Page, HypervisorRig.ReadOnly), 3, HypervisorRig.ReadOnly, Page, HypervisorRig.ReadOnly);
        RequireFault(rig.Read(Page, HypervisorRig.ReadOnly - 8), 3, HypervisorRig.ReadOnly, Page, HypervisorRig.ReadOnly - 8);
        Assert.True(rig.Update(Page, rig.Put(HypervisorRig.ReadOnly, Operands.Assign(0, 5))).IsSuccess);
        Assert.True(rig.Table.RmpUpdate(PhysicalAddress.Create(HypervisorRig.SecondPage), Operands.Assign(0, 5)).IsSuccess);
        RequireFault(
            rig.Read(Page, HypervisorRig.Data + 0xFF9), 0x8000_0003, HypervisorRig.Data + 0x1000, Page, HypervisorRig.Data + 0xFF9);
        Assert.True(rig.Update(Page, HypervisorRig.Data + 0xFF9).Status == InstructionStatus.Completed); // reads are not checked
    }

    [Theory]
    [InlineData(0UL, false)]
    [InlineData(Ac, true)]
    public void A_user_page_can_be_reached_with_AC_alone(ulong flags, bool isReached)
    {
        using HypervisorRig rig = new();
        ulong rcx = rig.Put(HypervisorRig.User, Operands.Assign(0, 5));
        InstructionResult result = rig.Update(Page, rcx, flags: new RFlags(flags));
        if (isReached) Assert.True(result.IsSuccess);
        else RequireFault(result, 1, rcx, Page, rcx);
    }

    [Fact]
    public void An_operand_outside_the_memory_is_reported()
    {
        using HypervisorRig rig = new();
        Assert.Equal(InstructionStatus.OutsideMemory, rig.Update(Page, HypervisorRig.Outside).Status);
        Assert.Equal(InstructionStatus.OutsideMemory, rig.Update(Page, HypervisorRig.Outside - 4, flags: new RFlags(Ac)).Status);
        Assert.Equal(InstructionStatus.OutsideMemory, rig.Read(Page, HypervisorRig.Outside).Status);
        rig.Tree.Change(HypervisorRig.Data, 2, static _ => 0x5000_0000UL | TableTree.P | TableTree.W);
        Assert.Equal(InstructionStatus.OutsideMemory, rig.Update(Page, HypervisorRig.Data).Status);
    }

    [Theory]
    [InlineData(1UL << 52, RmpStatus.FailInput, 0UL)]
    [InlineData(ulong.MaxValue, RmpStatus.FailInput, 0UL)]
    [InlineData(Page + 1, RmpStatus.FailInput, 0UL)]
    [InlineData(0x4000_0000_0000UL, RmpStatus.FailInput, 0UL)]
    [InlineData(0x40_0000UL, RmpStatus.FailPermission, 0UL)]
    [InlineData(0x20_0000UL, RmpStatus.FailOverlap, 0UL)]
    [InlineData(Page, RmpStatus.Success, Zero | Parity)]
    public void A_code_is_in_EAX_and_the_flags_are_those_of_EAX(ulong rax, RmpStatus code, ulong flags)
    {
        using HypervisorRig rig = new();
        rig.Table.ClaimOwnPages();
        if (code == RmpStatus.FailOverlap)
        {
            Assert.True(rig.Table.RmpUpdate(PhysicalAddress.Create(rax), Operands.Assign(0, 5, PageSize.Size2M)).IsSuccess);
        }

        if (code == RmpStatus.FailInUse) rig.Table.MarkInUse(PhysicalAddress.Create(rax));
        ulong rcx = rig.Put(HypervisorRig.Data, Operands.Assign(0, 5));
        InstructionResult result = rig.Update(rax, rcx, flags: new RFlags(Arithmetic));
        Assert.Equal((InstructionStatus.Completed, code), (result.Status, result.Code));
        Assert.Equal(new InstructionRegisters((ulong)code, rcx, 0x1234, new RFlags(flags | Carry)), result.Registers);
    }

    [Fact]
    public void Of_three_the_parity_is_even_and_a_choice_leaves_the_flags()
    {
        using HypervisorRig rig = new();
        using HypervisorRig leaving = new(choices: new ModelChoices { InstructionsLeaveFlags = true });
        foreach (HypervisorRig host in new[] { rig, leaving })
        {
            host.Table.MarkInUse(PhysicalAddress.Create(Page));
            InstructionResult result = host.Update(
                Page, host.Put(HypervisorRig.Data, Operands.Assign(0, 5)), flags: new RFlags(Arithmetic));
            Assert.Equal((RmpStatus.FailInUse, false), (result.Code, result.IsContention));
            Assert.Equal(host == rig ? Parity | Carry : Arithmetic, result.Registers.RFlags.Value);
        }
    }

    [Theory]
    [InlineData(HypervisorRig.Data + 0x100)]
    [InlineData(HypervisorRig.Data + 0x103)]
    [InlineData(HypervisorRig.Data + 0xFF8)]
    [InlineData(HypervisorRig.Data + 0xFF9)]
    [InlineData(HypervisorRig.Data + 0xFFF)]
    [InlineData(HypervisorRig.Top + 0xFFD)]
    public void RMPREAD_writes_the_sixteen_bytes_and_nothing_else(ulong rcx)
    {
        using HypervisorRig rig = new();
        Assert.True(rig.Table.RmpUpdate(PhysicalAddress.Create(Page), Operands.Assign(0x7000, 0x1A5, immutable: false)).IsSuccess);
        Assert.True(rig.Table.RmpRead(ExecutionState.Host, PhysicalAddress.Create(Page), out RmpReadOutput told).IsSuccess);
        foreach (ulong page in new[] { HypervisorRig.FirstPage, HypervisorRig.SecondPage })
        {
            for (ulong offset = 0; offset < 0x1000; offset += 8) rig.Memory[page + offset] = 0xCCCC_CCCC_CCCC_CCCCUL;
        }

        InstructionResult failed = rig.Read(ulong.MaxValue, rcx);
        Assert.Equal((RmpStatus.FailInput, 1UL), (failed.Code, failed.Registers.Rax));
        Assert.Equal(0x2000 / 8, Filled(rig));
        InstructionResult result = rig.Read(Page, rcx, new RFlags(Arithmetic));
        Assert.True(result.IsSuccess);
        Assert.Equal(new InstructionRegisters(0, rcx, 0x1234, new RFlags(Zero | Parity | Carry)), result.Registers);
        for (int i = 0; i < 16; i++)
        {
            ulong physical = rig.Tree.Translate(rcx + (ulong)i, MemoryAccess.KernelRead).Address.Value;
            Assert.Equal((byte)((i < 8 ? told.Low : told.High) >> (8 * (i % 8))), HypervisorRig.ByteAt(rig.Memory, physical));
            HypervisorRig.SetByte(rig.Memory, physical, 0xCC);
        }

        Assert.Equal(0x2000 / 8, Filled(rig));
    }

    [Fact]
    public void A_processor_without_RMPREAD_has_none_whatever_the_operand()
    {
        using HypervisorRig rig = new(processor: ProcessorModel.Genoa);
        Assert.Equal(InstructionStatus.InvalidOpcode, rig.Read(Page, NotCanonical).Status);
        Assert.Equal(InstructionStatus.InvalidOpcode, rig.Read(Page, HypervisorRig.Data).Status);
    }

    [Fact]
    public void A_writer_that_always_wins_ends_the_instruction()
    {
        using HypervisorRig rig = new();
        ulong leaf = rig.Tree.EntryOf(HypervisorRig.Data, 1);
        rig.Memory.Racer = address =>
        {
            if (address == leaf) rig.Memory[leaf] ^= 1UL << 9;
        };
        Assert.Equal(InstructionStatus.Contended, rig.Update(Page, HypervisorRig.Data).Status);
        rig.Memory.Racer = static _ => { };
        Assert.Equal(InstructionStatus.Completed, rig.Update(Page, HypervisorRig.Data).Status);
        rig.Memory.Racer = address =>
        {
            if (address == HypervisorRig.FirstPage + 8) rig.Memory[address]++;
        };
        InstructionResult result = rig.Read(Page, HypervisorRig.Data);
        Assert.Equal((InstructionStatus.Contended, Page), (result.Status, result.Registers.Rax));
    }

    [Fact]
    public void PSMASH_takes_RAX_alone()
    {
        using HypervisorRig rig = new();
        Assert.True(rig.Table.RmpUpdate(PhysicalAddress.Create(0x20_0000), Operands.Assign(0, 5, PageSize.Size2M)).IsSuccess);
        (ulong Rax, RmpStatus Code)[] cases =
        [
            (1UL << 52, RmpStatus.FailInput), (ulong.MaxValue, RmpStatus.FailInput), (Page, RmpStatus.FailInput),
            (0x20_0000, RmpStatus.Success), (0x20_0000, RmpStatus.FailBadAddress),
        ];
        foreach ((ulong rax, RmpStatus code) in cases)
        {
            InstructionResult result = HypervisorInstructions.PSmash(
                rig.Table, ExecutionState.Host, new InstructionRegisters(rax, NotCanonical, 7, new RFlags(Arithmetic)));
            Assert.Equal((InstructionStatus.Completed, code, (ulong)code), (result.Status, result.Code, result.Registers.Rax));
            Assert.Equal((NotCanonical, 7UL), (result.Registers.Rcx, result.Registers.Rdx));
        }
    }

    [Fact]
    public void RMPOPT_leaves_everything_but_CF()
    {
        using HypervisorRig rig = new();
        RmpOptCore core = RmpOptCore.EnabledAt(default);
        InstructionRegisters verify = new(0x123, 0, 5, new RFlags(Arithmetic & ~Carry));
        foreach ((
            InstructionRegisters before,
            bool carry) in new[]
            {
                (verify with { Rcx = 1 }, false), (verify, true), (verify with { Rcx = ulong.MaxValue }, true),
                (verify with { Rax = ulong.MaxValue }, false),
            })
        {
            InstructionResult result = HypervisorInstructions.RmpOpt(rig.Table, ExecutionState.Host, core, before);
            Assert.Equal((InstructionStatus.Completed, carry), (result.Status, result.CarryFlag));
            Assert.Equal(before with { RFlags = new RFlags(before.RFlags.Value | (carry ? Carry : 0)) }, result.Registers);
        }

        InstructionResult user = HypervisorInstructions.RmpOpt(rig.Table, ExecutionState.Host with { Cpl = 3 }, core, verify);
        Assert.Equal((InstructionStatus.GeneralProtection, verify), (user.Status, user.Registers));
        InstructionResult off = HypervisorInstructions.RmpOpt(rig.Table, ExecutionState.Host, new RmpOptCore(), verify);
        Assert.Equal((InstructionStatus.InvalidOpcode, verify), (off.Status, off.Registers));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        WalkView view = default;
        Assert.Throws<ArgumentNullException>(
            "table",
            () => HypervisorInstructions.RmpUpdate<WalkView, ContiguousGeometry>(null!, ref view, default, ExecutionState.Host, default));
        Assert.Throws<ArgumentNullException>(
            "table",
            () =>
                HypervisorInstructions.RmpUpdateReadOnlyTables<WalkView, ContiguousGeometry>(
                    null!, ref view, default, ExecutionState.Host, default));
        Assert.Throws<ArgumentNullException>(
            "table",
            () => HypervisorInstructions.RmpRead<WalkView, ContiguousGeometry>(null!, ref view, default, ExecutionState.Host, default));
        Assert.Throws<ArgumentNullException>(
            "table", () => HypervisorInstructions.PSmash<ContiguousGeometry>(null!, ExecutionState.Host, default));
        Assert.Throws<ArgumentNullException>(
            "table", () => HypervisorInstructions.RmpOpt<ContiguousGeometry>(null!, ExecutionState.Host, new RmpOptCore(), default));
        using HypervisorRig rig = new();
        Assert.Throws<ArgumentNullException>("core", () => HypervisorInstructions.RmpOpt(rig.Table, ExecutionState.Host, null!, default));
    }

    [Fact]
    public void No_instruction_allocates_however_it_ends()
    {
        using HypervisorRig rig = new();
        RmpOptCore core = RmpOptCore.EnabledAt(default);
        _ = rig.Put(HypervisorRig.Data + 0xFF9, Operands.Assign(0, 5));
        _ = rig.Update(Page, HypervisorRig.Data + 0xFF9);
        _ = rig.Read(Page, HypervisorRig.Data);
        rig.Memory.Racer = null;
        ulong sum = 0;
        Allocations.RequireNone(() => sum += ExecuteAll(rig, core));
        Assert.NotEqual(0UL, sum);
    }

    private static ulong ExecuteAll(HypervisorRig rig, RmpOptCore core)
    {
        ulong sum = 0;
        ReadOnlySpan<ulong> operands =
        [
            HypervisorRig.Data + 0xFF9, HypervisorRig.Absent, NotCanonical, HypervisorRig.Outside, HypervisorRig.ReadOnly,
        ];
        foreach (ulong rcx in operands)
        {
            sum += rig.Update(Page, rcx, marks: false).Registers.RFlags.Value + rig.Update(ulong.MaxValue, rcx, marks: false).ErrorCode;
        }

        InstructionRegisters registers = new(0x20_0000);
        sum += (ulong)HypervisorInstructions.PSmash(rig.Table, ExecutionState.Host, registers).Code;
        return sum + HypervisorInstructions.RmpOpt(rig.Table, ExecutionState.Host, core, registers).Registers.RFlags.Value;
    }

    private static int Filled(HypervisorRig rig) =>
        new[]
        {
            HypervisorRig.FirstPage, HypervisorRig.SecondPage,
        }.Sum(page => Enumerable.Range(0, 512).Count(i => rig.Memory[page + ((ulong)i * 8)] == 0xCCCC_CCCC_CCCC_CCCCUL));

    private static void RequireFault(in InstructionResult result, uint code, ulong cr2, ulong rax, ulong rcx)
    {
        Assert.Equal((InstructionStatus.PageFault, code, cr2), (result.Status, result.ErrorCode, result.FaultAddress));
        Assert.Equal((rax, rcx, 0x1234UL), (result.Registers.Rax, result.Registers.Rcx, result.Registers.Rdx));
    }
}
