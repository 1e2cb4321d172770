using FastRmp.Paging;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Paging.Nested;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>PVALIDATE, RMPADJUST and RMPQUERY from a virtual address, line by line: AMD64 APM vol. 3, vol. 2 15.36; the order of tests as
/// the model decides it.</summary>
public sealed class GuestInstructionVectorTests
{
    private const int Small = 0; // both tables and the RMP 4 KiB
    private const int SmallOverLarge = 1; // the guest's page is 4 KiB, the nested mapping and the RMP's page 2 MiB
    private const int Large = 7; // the guest's page is 1 GiB, the others 2 MiB
    private const ulong Unmapped = 0x0000_5555_0000_0000UL;
    private const ulong NotCanonical = 0x1234_0000_0000_0000UL;
    private const ulong OwnFault = 0x4_8000_0005UL;
    private const ulong Zero = 1UL << 6;
    private const ulong Parity = 1UL << 2;

    private static readonly ExecutionState Kernel = ExecutionState.Guest(NestedGuestSetup.Asid);

    [Fact]
    public void Validation_of_a_page_reports_by_CF_what_it_was()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        foreach ((ulong edx, bool carry) in new[] { (0UL, false), (0UL, true), (1UL, false), (1UL, true) })
        {
            InstructionResult result = comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, edx));
            Assert.True(result.IsSuccess);
            Assert.Equal(carry, result.CarryFlag);
            Assert.Equal(new InstructionRegisters(0, 0, edx, new RFlags(Zero | Parity | (carry ? 1UL : 0))), result.Registers);
        }
    }

    [Theory]
    [InlineData(false, true, 5U, true, 0, 0, InstructionStatus.InvalidOpcode)]
    [InlineData(true, false, 5U, true, 0, 0, InstructionStatus.InvalidOpcode)]
    [InlineData(true, true, 0U, true, 0, 0, InstructionStatus.InvalidOpcode)]
    [InlineData(false, false, 0U, true, 3, 3, InstructionStatus.InvalidOpcode)]
    [InlineData(true, true, 5U, true, 1, 0, InstructionStatus.GeneralProtection)]
    [InlineData(true, true, 5U, true, 3, 3, InstructionStatus.GeneralProtection)]
    [InlineData(true, true, 5U, true, 255, 0, InstructionStatus.GeneralProtection)]
    public void Faults_of_the_instruction_come_before_its_operands(
        bool snp, bool isSnpGuest, uint asid, bool is64Bit, byte cpl, byte vmpl, InstructionStatus status)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup) { Processor = new ExecutionState(is64Bit, cpl, asid, snp, vmpl, isSnpGuest) };
        InstructionRegisters nonsense = new(NotCanonical + 0x1000, ulong.MaxValue, ulong.MaxValue);
        for (int instruction = 0; instruction < 3; instruction++)
        {
            InstructionResult result = comparison.Execute((GuestInstruction)instruction, nonsense);
            Assert.Equal(status, result.Status);
            Assert.Equal(nonsense, result.Registers);
        }
    }

    [Fact]
    public void Only_PVALIDATE_exists_outside_64_bit_mode_and_takes_EAX_alone()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup) { Processor = Kernel with { Is64BitMode = false } };
        Assert.Equal(
            InstructionStatus.InvalidOpcode,
            comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(setup.Addresses[Small], 0, 0x101)).Status);
        Assert.Equal(
            InstructionStatus.InvalidOpcode,
            comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(setup.Addresses[Small])).Status);
        InstructionResult result = comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(setup.Addresses[Small], 0, 1));
        Assert.Equal((InstructionStatus.PageFault, setup.Addresses[Small] & uint.MaxValue), (result.Status, result.FaultAddress));
        Assert.Equal(
            InstructionStatus.PageFault,
            comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(NotCanonical, 0, 1)).Status);
    }

    [Theory]
    [InlineData(2UL, 1UL)]
    [InlineData(6UL, 1UL)]
    [InlineData(255UL, 0UL)]
    [InlineData(256UL, 0UL)]
    [InlineData(0x8000_0000UL, 1UL)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFFUL, 1UL)]
    [InlineData(0UL, 2UL)]
    [InlineData(1UL, 0x8000_0001UL)]
    public void A_malformed_operand_of_PVALIDATE_is_refused_before_any_translation(ulong rcx, ulong rdx)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        setup.Memory.Words.Clear();
        foreach (ulong va in new[] { setup.Addresses[Large], Unmapped, NotCanonical })
        {
            RequireCode(
                RmpStatus.FailInput, comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, rcx, rdx, new RFlags(1))));
        }
    }

    [Theory]
    [InlineData(2UL, 0x101UL)]
    [InlineData(255UL, 0x101UL)]
    [InlineData(0x1_0000_0000UL, 0x101UL)]
    [InlineData(0UL, 0x104UL)]
    [InlineData(0UL, 0x1FFUL)]
    [InlineData(0UL, 0x2001UL)]
    [InlineData(0UL, 0x2_0101UL)]
    [InlineData(2UL, 0x100UL)] // the size before the target VMPL
    public void A_malformed_operand_of_RMPADJUST_is_refused_before_any_translation(ulong rcx, ulong rdx)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        setup.Memory.Words.Clear();
        foreach (ulong va in new[] { setup.Addresses[Large], Unmapped, NotCanonical })
        {
            RequireCode(RmpStatus.FailInput, comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, rcx, rdx)));
        }
    }

    [Fact]
    public void The_upper_half_of_a_32_bit_operand_does_not_count()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        InstructionRegisters registers = new(setup.Addresses[Small], 0x1_0000_0000, 0x1_0000_0000);
        Assert.True(comparison.Execute(GuestInstruction.PValidate, registers) is { IsSuccess: true, CarryFlag: false });
        Assert.Equal((0x1_0000_0000UL, 0x1_0000_0000UL), (registers.Rcx, registers.Rdx));
    }

    [Fact]
    public void A_misaligned_large_address_is_refused_before_any_translation_and_its_low_bits_do_not_count()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        foreach (ulong va in new[] { (setup.Addresses[Large] & ~0x1F_FFFFUL) + 0x1000, Unmapped + 0x1F_F000, NotCanonical + 0x10_0000 })
        {
            RequireCode(RmpStatus.FailInput, comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 1, 1)));
            RequireCode(RmpStatus.FailInput, comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 1, 0x101)));
        }

        ulong aligned = setup.Addresses[Large] & ~0x1F_F000UL; // the offset in the 4 KiB page stays
        Assert.True(
            comparison.Execute(
                GuestInstruction.PValidate, new InstructionRegisters(aligned, 1, 1)) is { IsSuccess: true, CarryFlag: true });
    }

    [Fact]
    public void A_target_VMPL_out_of_reach_is_refused_before_any_translation()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup) { Processor = Kernel with { Vmpl = 2 } };
        setup.Memory.Words.Clear();
        for (ulong target = 0; target <= 2; target++)
        {
            RequireCode(
                RmpStatus.FailPermission,
                comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(NotCanonical, 0, 0x100 | target)));
        }

        RequireCode(RmpStatus.FailPermission, comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(NotCanonical, 0, 1)));
        RequireCode(RmpStatus.FailPermission, comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(NotCanonical, 0, 4)));
        Assert.Equal(
            InstructionStatus.GeneralProtection,
            comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(NotCanonical, 0, 2)).Status);
        Assert.Equal(
            InstructionStatus.GeneralProtection,
            comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(NotCanonical, 0, 0x103)).Status);
    }

    [Fact]
    public void PVALIDATE_above_VMPL_0_is_a_protection_fault_or_by_choice_a_code()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup) { Processor = Kernel with { Vmpl = 1 } };
        Assert.Equal(
            InstructionStatus.GeneralProtection,
            comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(setup.Addresses[Small], 2, 1)).Status);
        using NestedGuestSetup other = new(4, 4, isEncrypted: true, new ModelChoices { PValidateAboveVmpl0IsPermission = true });
        comparison = new(other) { Processor = Kernel with { Vmpl = 1 } };
        RequireCode(
            RmpStatus.FailPermission,
            comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(other.Addresses[Small], 2, 1)));
    }

    [Theory]
    [InlineData(TableTree.P, false, 0x0U)]
    [InlineData(1UL << 62, false, null)] // a key without CR4.PKE
    [InlineData(TableTree.W, false, null)] // it is a read
    [InlineData(TableTree.U, false, null)]
    [InlineData(0UL, true, 0x1U)] // SMAP: the page is a user's
    [InlineData(TableTree.U, true, null)]
    public void The_guests_tables_are_asked_as_for_a_read_by_its_kernel(ulong flipped, bool smap, uint? errorCode)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup) { Smap = smap };
        ulong va = setup.Addresses[Small];
        setup.Memory[setup.GuestEntry(va, 1).Address] ^= flipped;
        for (int instruction = 0; instruction < 3; instruction++)
        {
            InstructionRegisters registers = new(va, 0, 1);
            InstructionResult result = comparison.Execute((GuestInstruction)instruction, registers);
            Assert.Equal(errorCode is null ? InstructionStatus.Completed : InstructionStatus.PageFault, result.Status);
            Assert.Equal((errorCode ?? 0, errorCode is null ? 0 : va), (result.ErrorCode, result.FaultAddress));
            if (smap)
            {
                Assert.Equal(
                    InstructionStatus.Completed,
                    comparison.Execute((GuestInstruction)instruction, registers with { RFlags = new RFlags(1UL << 18) }).Status);
            }
        }
    }

    [Theory]
    [InlineData(TableTree.P, 0x5_0000_0004UL)]
    [InlineData(TableTree.U, 0x5_0000_0005UL)]
    [InlineData(TableTree.W, 0UL)]
    [InlineData(TableTree.NX, 0UL)]
    public void The_nested_tables_are_asked_as_for_a_private_read_whatever_the_C_bit(ulong flipped, ulong exitInfo1)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        ulong gpa = setup.Translate(va, MemoryAccess.KernelRead).Gpa.Value;
        setup.Memory[setup.HostEntry(gpa, 1)] ^= flipped;
        for (int shared = 0; shared < 2; shared++)
        {
            InstructionResult result = comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 1));
            if (exitInfo1 != 0)
            {
                Assert.Equal(
                    (InstructionStatus.NestedPageFault, exitInfo1, gpa), (result.Status, result.ExitInfo1.Value, result.ExitInfo2.Value));
            }
            else if (shared == 0)
            {
                Assert.Equal(InstructionStatus.Completed, result.Status);
            }
            else
            {
                Assert.Equal(OwnFault, result.ExitInfo1.Value);
            }

            setup.Memory[setup.GuestEntry(va, 1).Address] ^= 1UL << 51;
        }
    }

    [Theory]
    [InlineData(TableTree.P, 0x6_0000_0006UL)]
    [InlineData(TableTree.W, 0x6_0000_0007UL)]
    public void A_guest_table_that_the_nested_ones_do_not_give_is_a_private_write(ulong flipped, ulong exitInfo1)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[Small];
        ulong gpa = setup.GuestEntry(va, 3).Gpa;
        setup.Memory[setup.HostEntry(gpa, 1)] ^= flipped;
        InstructionResult result = new InstructionComparison(setup).Execute(GuestInstruction.RmpQuery, new InstructionRegisters(va));
        Assert.Equal((exitInfo1, gpa), (result.ExitInfo1.Value, result.ExitInfo2.Value));
    }

    [Fact]
    public void With_GMET_the_own_fault_of_the_kernels_instruction_has_no_U()
    {
        foreach (bool always in new[] { false, true })
        {
            using NestedGuestSetup setup = new(4, 4, isEncrypted: true, new ModelChoices { GmetAlwaysReportsUser = always });
            InstructionComparison comparison = new(setup) { Gmet = true };
            Assert.Equal(
                always ? 0xC_8000_0005UL : 0xC_8000_0001UL,
                comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(setup.Addresses[Large], 0, 1)).ExitInfo1.Value);
        }
    }

    [Fact]
    public void A_table_page_on_the_way_is_checked_in_full()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        (ulong address, ulong gpa) = setup.GuestEntry(va, 2);
        ulong page = address & ~0xFFFUL;
        RmpEntry entry = setup.Pair.Raw(page);
        setup.Pair.Poke(page, entry.Low & ~(1UL << 62), entry.High);
        InstructionResult result = comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 0, 0x101));
        Assert.Equal((InstructionStatus.NotValidated, 0x404U, va), (result.Status, result.ErrorCode, result.FaultAddress));
        setup.Pair.Poke(page, entry.Low & ~1UL, 0);
        result = comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 0, 0x101));
        Assert.Equal((0x6_8000_0007UL, gpa), (result.ExitInfo1.Value, result.ExitInfo2.Value));
        setup.Pair.Poke(page, entry.Low, entry.High & ~0xFFUL);
        Assert.Equal(
            0x16_8000_0007UL, comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 0, 0x101)).ExitInfo1.Value);
    }

    [Theory]
    [InlineData(1UL << 0)] // Assigned
    [InlineData(1UL << 51)] // ASID
    [InlineData(1UL << 20)] // GPA
    [InlineData(1UL << 2)] // Immutable
    public void A_page_that_is_not_the_guests_is_an_exit_with_neither_bit_32_nor_33(ulong flipped)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        NestedWalkResult walk = setup.Translate(va, MemoryAccess.KernelRead);
        RmpEntry entry = setup.Pair.Raw(walk.Address.Value);
        setup.Pair.Poke(walk.Address.Value & ~0xFFFUL, (entry.Low ^ flipped) & ~(1UL << 62), entry.High);
        for (int instruction = 0; instruction < 3; instruction++)
        {
            InstructionResult result = comparison.Execute((GuestInstruction)instruction, new InstructionRegisters(va, 0, 1));
            Assert.Equal(
                (InstructionStatus.NestedPageFault, OwnFault, walk.Gpa), (result.Status, result.ExitInfo1.Value, result.ExitInfo2));
        }
    }

    [Fact]
    public void Sizes_that_differ_are_reported_by_SIZEM_or_by_a_code()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Large];
        InstructionResult result = comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 1));
        Assert.Equal(0xC_8000_0005UL, result.ExitInfo1.Value);
        Assert.Equal(
            0xC_8000_0005UL, comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 0, 0x101)).ExitInfo1.Value);
        ulong small = setup.Addresses[Small] & ~0xFFFUL;
        Assert.Equal(0UL, small & 0x1F_FFFF);
        RequireCode(RmpStatus.FailSizeMismatch, comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(small, 1, 1)));
        RequireCode(RmpStatus.FailSizeMismatch, comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(small, 1, 0x101)));
    }

    [Fact]
    public void The_alignment_of_the_virtual_address_counts_and_not_that_of_the_physical_one()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[SmallOverLarge] & ~0x1F_FFFFUL;
        NestedWalkResult large = setup.Translate(setup.Addresses[Large], MemoryAccess.KernelRead);
        ulong inside = (large.Gpa.Value & ~0x1F_FFFFUL) + 0x5000;
        setup.Memory[setup.GuestEntry(va, 1).Address] = inside | NestedGuestSetup.Good | (1UL << 51);
        InstructionResult result = comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 1, 0));
        Assert.True(result is { IsSuccess: true, CarryFlag: false });
        Assert.Equal(0UL, setup.Pair.Raw(large.Address.Value & ~0x1F_FFFFUL).Low & (1UL << 62));
    }

    [Fact]
    public void A_page_that_is_not_validated_stops_all_but_PVALIDATE()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        Assert.True(comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 0)).IsSuccess);
        foreach (GuestInstruction other in new[] { GuestInstruction.RmpAdjust, GuestInstruction.RmpQuery })
        {
            InstructionResult result = comparison.Execute(other, new InstructionRegisters(va, 0, 1));
            Assert.Equal((InstructionStatus.NotValidated, 0x404U, va), (result.Status, result.ErrorCode, result.FaultAddress));
        }
    }

    [Fact]
    public void RMPADJUST_gives_what_the_VMPL_has_and_RMPQUERY_reports_it()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        InstructionRegisters adjust = new(va, 0, 0x1_0301, new RFlags(1));
        InstructionResult result = comparison.Execute(GuestInstruction.RmpAdjust, adjust);
        Assert.Equal(adjust with { Rax = 0, RFlags = new RFlags(Zero | Parity | 1) }, result.Registers);

        // What stands above the VMPL in RDX is an output.
        result = comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(va, 77, 0xFFFF_FFFF_FFFF_FF01));
        Assert.Equal(new InstructionRegisters(0, 0, 0x1_0301, new RFlags(Zero | Parity)), result.Registers);
        result = comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(setup.Addresses[Large], 77, 3));
        Assert.Equal((1UL, 0x1F03UL), (result.Registers.Rcx, result.Registers.Rdx));

        comparison.Processor = Kernel with { Vmpl = 1 };
        RequireCode(RmpStatus.FailPermission, comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 0, 0x0702)));
        Assert.True(comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 0, 0x0302)).IsSuccess);
        Assert.Equal(0x1_0302UL, comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(va, 0, 2)).Registers.Rdx);
    }

    [Fact]
    public void Milan_has_no_RMPQUERY()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true, processor: ProcessorModel.Milan);
        InstructionComparison comparison = new(setup) { Processor = Kernel with { Cpl = 3 } };
        Assert.Equal(
            InstructionStatus.InvalidOpcode,
            comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(setup.Addresses[Small])).Status);
        Assert.Equal(
            InstructionStatus.GeneralProtection,
            comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(setup.Addresses[Small], 0, 0x101)).Status);
    }

    [Fact]
    public void The_flags_are_left_alone_by_choice()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true, new ModelChoices { InstructionsLeaveFlags = true });
        InstructionComparison comparison = new(setup);
        InstructionRegisters registers = new(setup.Addresses[Small], 0, 1, new RFlags(0x8D1)); // OF, SF, ZF, AF, CF
        Assert.Equal(0x8D1UL, comparison.Execute(GuestInstruction.PValidate, registers).Registers.RFlags.Value);
        Assert.Equal(0x8D0UL, comparison.Execute(GuestInstruction.PValidate, registers with { Rcx = 2 }).Registers.RFlags.Value);
        Assert.Equal(0x8D1UL, comparison.Execute(GuestInstruction.RmpQuery, registers with { Rdx = 0 }).Registers.RFlags.Value);
    }

    [Fact]
    public void A_save_area_in_use_is_still_its_guests()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        NestedWalkResult walk = setup.Translate(va, MemoryAccess.KernelRead);
        Assert.True(comparison.Execute(GuestInstruction.RmpAdjust, new InstructionRegisters(va, 0, 0x1_0101)).IsSuccess);
        ulong page = walk.Address.Value & ~0xFFFUL;
        Assert.Equal(
            VmRunResult.Ok, setup.Pair.VmRun(VmRunPage.SnpVmsa, page, NestedGuestSetup.Asid, walk.Gpa.Value & ~0xFFFUL, enter: true));
        Assert.Equal(0x3FEUL, setup.Pair.Raw(page).Low >> 51 & 0x3FF);
        NestedPage place = new(walk.Gpa, walk.Address, walk.NestedSize);
        Assert.True(
            RmpCheck.Guest(
                setup.Pair.Table, new GuestAccess(NestedGuestSetup.Asid, 0, 0, GuestAccessKind.Write, IsPrivate: true), place).IsSuccess);
        Assert.False(
            RmpCheck.Guest(
                setup.Pair.Table, new GuestAccess(NestedGuestSetup.Asid + 1, 0, 0, GuestAccessKind.Read, IsPrivate: true),
                place).IsSuccess);
        Assert.Equal(0x1_0101UL, comparison.Execute(GuestInstruction.RmpQuery, new InstructionRegisters(va, 0, 1)).Registers.Rdx);
        Assert.True(
            comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 1)) is { IsSuccess: true, CarryFlag: true });
    }

    [Fact]
    public void A_shared_mapping_is_an_exit_unless_the_choice_says_otherwise()
    {
        foreach (bool takes in new[] { false, true })
        {
            using NestedGuestSetup setup = new(4, 4, isEncrypted: true, new ModelChoices { InstructionsTakeSharedMappings = takes });
            InstructionComparison comparison = new(setup);
            ulong va = setup.Addresses[Small];
            setup.Memory[setup.GuestEntry(va, 1).Address] ^= 1UL << 51;
            InstructionResult result = comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 1));
            if (takes) Assert.True(result is { IsSuccess: true, CarryFlag: true });
            else Assert.Equal((InstructionStatus.NestedPageFault, OwnFault), (result.Status, result.ExitInfo1.Value));
        }
    }

    [Fact]
    public void The_walk_marks_the_page_as_read_and_only_where_marks_are_wanted()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        InstructionComparison comparison = new(setup);
        ulong va = setup.Addresses[Small];
        ulong guest = setup.GuestEntry(va, 1).Address;
        ulong nested = setup.HostEntry(setup.Translate(va, MemoryAccess.KernelRead).Gpa.Value, 1);
        Assert.True(comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 1)).IsSuccess);
        Assert.Equal(0UL, (setup.Memory[guest] | setup.Memory[nested]) & (TableTree.A | TableTree.D));
        Assert.True(comparison.Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 1), marks: true).IsSuccess);
        Assert.Equal(TableTree.A, setup.Memory[guest] & (TableTree.A | TableTree.D));
        Assert.Equal(TableTree.A, setup.Memory[nested] & (TableTree.A | TableTree.D));
    }

    [Fact]
    public void An_entry_that_another_processor_changes_is_reported_as_contention()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[Small];
        ulong page = setup.Translate(va, MemoryAccess.KernelRead).Address.Value & ~0xFFFUL;
        RmpEntry entry = setup.Pair.Raw(page);
        setup.Pair.Poke(page, entry.Low | (1UL << 63), entry.High);
        InstructionResult result = new InstructionComparison(setup).Execute(GuestInstruction.PValidate, new InstructionRegisters(va, 0, 1));
        Assert.Equal((OwnFault, true), (result.ExitInfo1.Value, result.IsContention));
    }

    [Fact]
    public void A_writer_that_always_wins_ends_the_instruction_before_the_RMP()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[Small];
        ulong leaf = setup.GuestEntry(va, 1).Address;
        setup.Memory.Racer = address =>
        {
            if (address == leaf) setup.Memory[leaf] ^= 1UL << 9;
        };
        WalkView view = new(setup.Memory);
        InstructionResult result = GuestInstructions.PValidate(
            setup.Pair.Table, ref view, setup.State(), Kernel, new InstructionRegisters(va));
        Assert.Equal(InstructionStatus.Contended, result.Status);
        Assert.NotEqual(0UL, setup.Pair.Raw(0x20_0000).Low & (1UL << 62));
    }

    [Fact]
    public void No_instruction_allocates_however_it_ends()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        setup.Memory[setup.GuestEntry(setup.Addresses[3], 2).Address] = 0;
        ulong sum = 0;
        Allocations.RequireNone(() => sum += ExecuteAll(setup), rounds: 1);
        Assert.NotEqual(0UL, sum);
    }

    private static ulong ExecuteAll(NestedGuestSetup setup)
    {
        WalkView view = new(setup.Memory);
        NestedPagingState state = setup.State();
        ulong sum = 0;
        foreach (ulong va in setup.Addresses)
        {
            for (ulong size = 0; size < 3; size++)
            {
                InstructionRegisters registers = new(va, size, 0x101);
                sum += GuestInstructions.PValidateReadOnlyTables(
                    setup.Pair.Table, ref view, state, Kernel, registers with { Rdx = 1 }).ExitInfo1.Value;
                sum += GuestInstructions.RmpAdjustReadOnlyTables(
                    setup.Pair.Table, ref view, state, Kernel, registers).Registers.RFlags.Value;
                sum += GuestInstructions.RmpQueryReadOnlyTables(setup.Pair.Table, ref view, state, Kernel, registers).Registers.Rdx;
            }
        }

        return sum;
    }

    private static void RequireCode(RmpStatus code, in InstructionResult result)
    {
        Assert.Equal((InstructionStatus.Completed, code), (result.Status, result.Code));
        Assert.Equal((ulong)code, result.Registers.Rax);
    }
}
