using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>RMPREAD: what it discloses of a page's own entry, to whom, and on which processors.</summary>
public sealed class RmpReadTests
{
    private const ulong Region = 0x20_0000;
    private const ulong Page = Region + 0x1000;

    [Theory]
    [InlineData("milan", "#UD")]
    [InlineData("genoa", "#UD")]
    [InlineData("turin", "0 SUCCESS")]
    [InlineData("venice", "0 SUCCESS")]
    public void Older_processors_do_not_have_it(string preset, string expected)
    {
        using ModelPair pair = new(2, ChoiceCases.Processor(preset), ModelChoices.Default);
        Assert.Equal(expected, pair.Read(ExecutionState.Host, Page, out _).ToString());
    }

    [Fact]
    public void Faults_and_refusals_come_in_the_order_of_the_manual()
    {
        using ModelPair pair = Make();
        Assert.Equal("#UD", pair.Read(ExecutionState.Host with { SnpEnabled = false, Cpl = 3 }, Page + 1, out _).ToString());
        Assert.Equal("#UD", pair.Read(ExecutionState.Host with { Is64BitMode = false, Cpl = 3 }, Page + 1, out _).ToString());
        Assert.Equal("#GP(0)", pair.Read(ExecutionState.Host with { Cpl = 3, Asid = 1 }, Page + 1, out _).ToString());
        Assert.Equal("2 FAIL_PERMISSION", pair.Read(ExecutionState.Guest(1), Page + 1, out _).ToString());
        Assert.Equal("1 FAIL_INPUT", pair.Read(ExecutionState.Host, Page + 1, out _).ToString());
        Assert.Equal("1 FAIL_INPUT", pair.Read(ExecutionState.Host, 4 * Region, out _).ToString());
    }

    [Fact]
    public void A_guests_page_shows_its_architectural_fields_alone()
    {
        using ModelPair pair = Make();
        pair.Poke(Page, 0x6028_0000_1234_5001, 0x1F);
        Assert.Equal(new RmpReadOutput(0x1234_5000, 0x5_0000_0001), Read(pair, Page));
        pair.Update(Page, Operands.Assign(0x1234_5000, 5, immutable: true));
        Assert.Equal(new RmpReadOutput(0x1234_5000, 0x5_0001_0001), Read(pair, Page));
    }

    [Fact]
    public void The_region_status_reports_the_other_pages_of_an_aligned_one()
    {
        using ModelPair pair = Make();
        Assert.Equal(default, Read(pair, Region));
        pair.Update(Region, Operands.Assign(0, 5));
        Assert.Equal(new RmpReadOutput(0, 0x5_0000_0001), Read(pair, Region));
        pair.Update(Page + 0x1000, Operands.Assign(0, 6));
        Assert.Equal(new RmpReadOutput(0, 0x5_0000_0201), Read(pair, Region));
        Assert.Equal(default, Read(pair, Page));
        pair.Update(Region, Operands.Release());
        Assert.Equal(new RmpReadOutput(0, 0x200), Read(pair, Region));
    }

    [Fact]
    public void The_region_status_is_that_of_the_one_entry_read_whatever_the_others_hold()
    {
        // What firmware leaves when it takes pages back without counting them, or a damaged table.
        using ModelPair pair = Make();
        pair.Poke(Page, 0x8000_0000_0000_0005, 0);
        Assert.Equal(default, Read(pair, Region));
        pair.Poke(Page, 0, 0);
        pair.Poke(Region, 0x8, 0);
        Assert.Equal(new RmpReadOutput(0, 0x200), Read(pair, Region));
    }

    [Fact]
    public void A_piece_of_a_large_page_shows_its_own_entry()
    {
        using ModelPair pair = Make();
        pair.Update(Region, Operands.Assign(0x4000_0000, 5, PageSize.Size2M));
        Assert.Equal(new RmpReadOutput(0x4000_0000, 0x5_0000_0301), Read(pair, Region));
        Assert.Equal(new RmpReadOutput(0, 0x1), Read(pair, Page));
        pair.Smash(Region);
        Assert.Equal(new RmpReadOutput(0x4000_0000, 0x5_0000_0201), Read(pair, Region));
        Assert.Equal(new RmpReadOutput(0x4000_1000, 0x5_0000_0001), Read(pair, Page));
    }

    [Fact]
    public void Fixed_and_firmware_pages_are_immutable()
    {
        using ModelPair pair = Make();
        pair.Poke(Page, 0x4, 0);
        Assert.Equal(new RmpReadOutput(0, 0x1_0000), Read(pair, Page));
        pair.Poke(Page, 0x8002_0000_0000_1005, 0);
        Assert.Equal(new RmpReadOutput(0x2_0000_0000_1000, 0x1_0001), Read(pair, Page));
    }

    [Fact]
    public void A_locked_entry_is_contention_and_returns_nothing()
    {
        using ModelPair pair = Make();
        pair.Poke(Page, 0x8028_0000_1234_5001, 0x1F);
        RmpResult result = pair.Read(ExecutionState.Host, Page, out RmpReadOutput output);
        Assert.True(result.IsContention);
        Assert.Equal(default, output);
    }

    private static ModelPair Make() => new(4, ProcessorModel.Turin, ModelChoices.Default);

    private static RmpReadOutput Read(ModelPair pair, ulong page)
    {
        Assert.True(pair.Read(ExecutionState.Host, page, out RmpReadOutput output).IsSuccess);
        return output;
    }
}
