using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>
/// PVALIDATE, RMPADJUST and RMPQUERY, in the table and in the reference: AMD64 APM vol. 3; the order of tests as the model decides it.
/// </summary>
public sealed class GuestInstructionTests
{
    private const ulong Page = 0x20_1000;
    private const ulong Gpa = 0x1234_5000;
    private const ulong LargePage = 0x40_0000;
    private const ulong LargeGpa = 0x4000_0000;
    private const ulong Invalid = 0x0028_0000_1234_5001;
    private const ulong Valid = 0x4028_0000_1234_5001;

    private static readonly ExecutionState Guest = ExecutionState.Guest(5);

    public static TheoryData<bool, byte, uint, bool, bool, byte> States()
    {
        TheoryData<bool, byte, uint, bool, bool, byte> states = [];
        for (int bits = 0; bits < 32; bits++)
        {
            foreach (byte vmpl in new byte[] { 0, 1, 3 })
            {
                states.Add(
                    (bits & 1) != 0, (byte)((bits & 2) != 0 ? 0 : 3), (bits & 4) != 0 ? 5u : 0, (bits & 8) != 0, (bits & 16) != 0, vmpl);
            }
        }

        return states;
    }

    [Theory]
    [MemberData(nameof(States))]
    public void Faults_come_before_everything_else(bool is64Bit, byte cpl, uint asid, bool snp, bool isSnpGuest, byte vmpl)
    {
        ExecutionState state = new(is64Bit, cpl, asid, snp, vmpl, isSnpGuest);
        using ModelPair pair = Make();
        bool exists = snp && asid != 0 && isSnpGuest;
        string fault = !exists ? "#UD" : cpl != 0 ? "#GP(0)" : "";

        // PVALIDATE is the one that 32-bit code may execute, and only at VMPL 0.
        string validate = fault.Length != 0 ? fault : vmpl != 0 ? "#GP(0)" : "1 FAIL_INPUT";
        Assert.Equal(validate, pair.Validate(state, At(Page, Gpa), PageSize.Size2M, validate: true).ToString());
        string other = !is64Bit ? "#UD" : fault;
        Assert.Equal(
            other.Length != 0 ? other : "1 FAIL_INPUT",
            pair.Adjust(state, At(Page, Gpa), PageSize.Size2M, new RmpAdjustOperand(0x1F04)).ToString());
        Assert.Equal(other.Length != 0 ? other : "2 FAIL_PERMISSION", pair.Query(state, At(Page, Gpa), 4, out _).ToString());
        pair.CompareAll();
    }

    [Fact]
    public void A_size_other_than_4K_and_2M_is_refused()
    {
        using ModelPair pair = Make();
        for (int size = 2; size <= byte.MaxValue; size++)
        {
            Assert.Equal("1 FAIL_INPUT", pair.Table.PValidate(Guest, At(LargePage, LargeGpa), (PageSize)size, validate: true).ToString());
            Assert.Equal(
                "1 FAIL_INPUT",
                pair.Table.RmpAdjust(Guest, At(LargePage, LargeGpa), (PageSize)size, new RmpAdjustOperand(0x0101)).ToString());
        }

        pair.CompareAll();
    }

    [Fact]
    public void Validation_reports_by_CF_that_nothing_changed()
    {
        using ModelPair pair = Make();
        Assert.Equal((false, Invalid | 1UL << 62), Validate(pair, true));
        Assert.Equal((true, Valid), Validate(pair, true));
        Assert.Equal((false, Invalid), Validate(pair, false));
        Assert.Equal((true, Invalid), Validate(pair, false));
    }

    [Fact]
    public void Rescinding_leaves_the_masks()
    {
        using ModelPair pair = Make();
        Validate(pair, true);
        Assert.Equal("0 SUCCESS", pair.Adjust(Guest, At(Page, Gpa), PageSize.Size4K, Operand(2, 0x0F)).ToString());
        Validate(pair, false);
        Assert.Equal(new RmpEntry(Invalid, 0x0F_001F), pair.Raw(Page));
    }

    // Operand, RMP, nested mapping; PVALIDATE and RMPADJUST of a validated page.
    [Theory]
    [InlineData(PageSize.Size4K, PageSize.Size4K, PageSize.Size4K, "0 SUCCESS")]
    [InlineData(PageSize.Size4K, PageSize.Size4K, PageSize.Size2M, "NPF 0x480000005")]
    [InlineData(PageSize.Size4K, PageSize.Size4K, PageSize.Size1G, "NPF 0x480000005")]
    [InlineData(PageSize.Size4K, PageSize.Size2M, PageSize.Size4K, "NPF 0xc80000005")]
    [InlineData(PageSize.Size4K, PageSize.Size2M, PageSize.Size2M, "NPF 0xc80000005")]
    [InlineData(PageSize.Size4K, PageSize.Size2M, PageSize.Size1G, "NPF 0xc80000005")]
    [InlineData(PageSize.Size2M, PageSize.Size4K, PageSize.Size4K, "6 FAIL_SIZEMISMATCH")]
    [InlineData(PageSize.Size2M, PageSize.Size4K, PageSize.Size2M, "6 FAIL_SIZEMISMATCH")]
    [InlineData(PageSize.Size2M, PageSize.Size4K, PageSize.Size1G, "6 FAIL_SIZEMISMATCH")]
    [InlineData(PageSize.Size2M, PageSize.Size2M, PageSize.Size4K, "NPF 0x480000005")]
    [InlineData(PageSize.Size2M, PageSize.Size2M, PageSize.Size2M, "0 SUCCESS")]
    [InlineData(PageSize.Size2M, PageSize.Size2M, PageSize.Size1G, "0 SUCCESS")]
    public void Three_sizes_meet(PageSize operand, PageSize rmp, PageSize nested, string expected)
    {
        using ModelPair pair = Make();
        pair.Update(LargePage, Operands.Assign(LargeGpa, 5, rmp));
        Assert.True(pair.Validate(Guest, At(LargePage, LargeGpa, rmp), rmp, validate: true).IsSuccess);
        NestedPage page = At(LargePage, LargeGpa, nested);
        Assert.Equal(expected, pair.Validate(Guest, page, operand, validate: true).ToString());
        Assert.Equal(expected, pair.Adjust(Guest, page, operand, Operand(1, 1)).ToString());
        Assert.Equal("0 SUCCESS", pair.Query(Guest, page, 0, out RmpQueryOutput output).ToString());
        Assert.Equal(new RmpQueryOutput(rmp, (VmplPermissions)0x1F, false), output);
    }

    [Theory]
    [InlineData("foreign", "NPF 0x480000005")]
    [InlineData("moved", "NPF 0x480000005")]
    [InlineData("high", "NPF 0x480000005")]
    [InlineData("held", "NPF 0x480000005")]
    [InlineData("hypervisor", "NPF 0x480000005")]
    [InlineData("firmware", "NPF 0x480000005")]
    [InlineData("uncovered", "NPF 0x480000005")]
    [InlineData("locked", "NPF 0x480000005")]
    public void A_page_that_is_not_the_guests_faults(string what, string expected)
    {
        using ModelPair pair = Make();
        NestedPage page = At(Page, Gpa);
        switch (what)
        {
            case "foreign":
                pair.Update(Page, Operands.Assign(Gpa, 6));
                break;
            case "moved":
                pair.Update(Page, Operands.Assign(Gpa + 0x1000, 5));
                break;
            case "high":
                page = At(Page, Gpa | 1UL << 51); // above what an entry can hold
                break;
            case "held":
                pair.Update(Page, Operands.Assign(Gpa, 5, immutable: true));
                break;
            case "hypervisor":
                pair.Update(Page, Operands.Release());
                break;
            case "firmware":
                pair.Update(Page, Operands.Assign(Gpa, 0, immutable: true));
                break;
            case "locked":
                pair.Poke(Page, Valid | 1UL << 63, 0x1F);
                break;
            default:
                page = At(4 * ModelPair.RegionBytes, Gpa);
                break;
        }

        Assert.Equal(expected, pair.Validate(Guest, page, PageSize.Size4K, validate: true).ToString());
        Assert.Equal(expected, pair.Adjust(Guest, page, PageSize.Size4K, Operand(1, 1)).ToString());
        Assert.Equal(expected, pair.Query(Guest, page, 1, out _).ToString());
        pair.CompareAll();
    }

    [Theory]
    [InlineData(0, 1, 0x1F, "0 SUCCESS")]
    [InlineData(0, 3, 0x00, "0 SUCCESS")]
    [InlineData(0, 1, 0x20, "1 FAIL_INPUT")]
    [InlineData(0, 1, 0x80, "1 FAIL_INPUT")]
    [InlineData(0, 4, 0x01, "1 FAIL_INPUT")]
    [InlineData(0, 255, 0x01, "1 FAIL_INPUT")]
    [InlineData(0, 0, 0x01, "2 FAIL_PERMISSION")]
    [InlineData(1, 2, 0x01, "0 SUCCESS")]
    [InlineData(1, 2, 0x04, "2 FAIL_PERMISSION")]
    [InlineData(1, 1, 0x01, "2 FAIL_PERMISSION")]
    [InlineData(2, 1, 0x01, "2 FAIL_PERMISSION")]
    [InlineData(2, 3, 0x01, "2 FAIL_PERMISSION")]
    [InlineData(3, 3, 0x00, "2 FAIL_PERMISSION")]
    public void A_VMPL_gives_of_its_own_to_lesser_ones(byte current, byte target, byte mask, string expected)
    {
        using ModelPair pair = Make();
        pair.Poke(Page, Valid, 0x03_1F); // VMPL1 may read and write, VMPL2 and VMPL3 nothing
        Assert.Equal(
            expected, pair.Adjust(ExecutionState.Guest(5, current), At(Page, Gpa), PageSize.Size4K, Operand(target, mask)).ToString());
        pair.CompareAll();
    }

    [Fact]
    public void Only_VMPL_0_says_what_is_a_VMSA()
    {
        using ModelPair pair = Make();
        pair.Poke(Page, Valid, 0x1F1F);
        pair.Adjust(ExecutionState.Guest(5, 1), At(Page, Gpa), PageSize.Size4K, Operand(2, 1, vmsa: true));
        Assert.Equal(new RmpEntry(Valid, 0x01_1F1F), pair.Raw(Page));
        pair.Adjust(Guest, At(Page, Gpa), PageSize.Size4K, Operand(2, 1, vmsa: true));
        Assert.Equal(new RmpEntry(Valid | 1UL << 61, 0x01_1F1F), pair.Raw(Page));
        pair.Adjust(ExecutionState.Guest(5, 1), At(Page, Gpa), PageSize.Size4K, Operand(2, 1));
        Assert.True(pair.Raw(Page).Vmsa);
        pair.Adjust(Guest, At(Page, Gpa), PageSize.Size4K, Operand(2, 1));
        Assert.Equal(new RmpEntry(Valid, 0x01_1F1F), pair.Raw(Page));
    }

    [Fact]
    public void Reserved_bits_of_RDX_are_refused_unless_chosen_otherwise()
    {
        for (int bit = 17; bit < 64; bit++)
        {
            using ModelPair strict = Make();
            using ModelPair lax = new(4, ProcessorModel.Genoa, ModelChoices.Default with { IgnoreReservedOperandBits = true });
            lax.Update(Page, Operands.Assign(Gpa, 5));
            Assert.Equal(
                "1 FAIL_INPUT", strict.Adjust(Guest, At(Page, Gpa), PageSize.Size4K, new RmpAdjustOperand(0x0101 | 1UL << bit)).ToString());
            Assert.Equal(
                "VC 0x404", lax.Adjust(Guest, At(Page, Gpa), PageSize.Size4K, new RmpAdjustOperand(0x0101 | 1UL << bit)).ToString());
        }
    }

    [Fact]
    public void A_piece_of_a_large_page_answers_by_its_base()
    {
        using ModelPair pair = Make();
        pair.Update(LargePage, Operands.Assign(LargeGpa, 5, PageSize.Size2M));
        Assert.Equal("VC 0x404", pair.Query(Guest, At(LargePage + 0x5123, LargeGpa + 0x5123, PageSize.Size2M), 0, out _).ToString());
        Assert.True(pair.Validate(Guest, At(LargePage, LargeGpa, PageSize.Size2M), PageSize.Size2M, validate: true).IsSuccess);
        Assert.Equal(new RmpEntry(0x4028_0000_4000_0003, 0x1F), pair.Raw(LargePage));
        Assert.True(pair.Query(Guest, At(LargePage + 0x5123, LargeGpa + 0x5123, PageSize.Size4K), 0, out RmpQueryOutput output).IsSuccess);
        Assert.Equal(PageSize.Size2M, output.Size);
        pair.Smash(LargePage);
        Assert.Equal(new RmpEntry(0x4028_0000_4000_0FF9, 0x1F), pair.Raw(LargePage));
        Assert.Equal(new RmpEntry(0x4028_0000_4000_1001, 0x1F), pair.Raw(LargePage + 0x1000));
        Assert.Equal(new RmpEntry(0x4028_0000_401F_F001, 0x1F), pair.Raw(LargePage + 0x1F_F000));
        Assert.True(pair.Query(Guest, At(LargePage + 0x5123, LargeGpa + 0x5123), 0, out output).IsSuccess);
        Assert.Equal(PageSize.Size4K, output.Size);
    }

    private static ModelPair Make()
    {
        ModelPair pair = new(4, ProcessorModel.Genoa, ModelChoices.Default);
        Assert.True(pair.Update(Page, Operands.Assign(Gpa, 5)).IsSuccess);
        Assert.Equal(new RmpEntry(Invalid, 0x1F), pair.Raw(Page));
        return pair;
    }

    private static (bool Carry, ulong Low) Validate(ModelPair pair, bool validate)
    {
        GuestResult result = pair.Validate(Guest, At(Page, Gpa), PageSize.Size4K, validate);
        Assert.True(result.IsSuccess);
        return (result.CarryFlag, pair.Raw(Page).Low);
    }

    private static RmpAdjustOperand Operand(byte target, byte mask, bool vmsa = false) =>
        new(target | (ulong)mask << 8 | (vmsa ? 0x1_0000UL : 0));

    private static NestedPage At(ulong page, ulong gpa, PageSize size = PageSize.Size4K) =>
        new(GuestPhysicalAddress.Create(gpa), PhysicalAddress.Create(page), size);
}
