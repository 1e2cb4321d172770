using System;
using System.IO;
using System.Linq;
using System.Text;
using FastRmp.Cli.Tests.Support;
using FastRmp.Cli.Walk;
using FastRmp.Images.Tests.Support;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Walk;

public sealed class WalkRowsTests
{
    private const string Rows = "access/rows.tsv.gz";
    private const string Header =
        "id\tlevels\tmaxphyaddr\tcr3\twp\tnxe\tsmep\tsmap\tpke\tpkru\tva\tuser\tkind\ttwice\tpml5e\tpml4e\tpdpte\tpde\tpte";
    private const string Row = "7\t4\t40\t1000\t1\t1\t0\t0\t0\t0\t1234\t0\tw\t0\t-\t2003\t3003\t4003\t9003";

    [Fact]
    public void Every_row_of_the_fixture_ends_as_it_says()
    {
        ToolResult result = Tool.Run("walk", "--rows", Fixture.PathOf(Rows));
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        string[] rows = FixtureRows();
        string[] printed = result.OutputLines;
        Assert.Equal(20_918, printed.Length);
        for (int i = 0; i < printed.Length; i++)
        {
            string[] expected = rows[i + 1].Split('\t');
            string[] cells = printed[i].Split('\t');
            Assert.Equal([expected[0], expected[21], expected[22], expected[23], expected[24]], cells[..5]);
            ulong ignored = Convert.ToUInt64(expected[26], 16);
            Assert.Equal(Convert.ToUInt64(expected[25], 16) & ~ignored, Convert.ToUInt64(cells[5], 16) & ~ignored);
        }
    }

    [Fact]
    public void Standard_input_and_unpacked_rows_are_read_too()
    {
        byte[] text = Fixture.Gunzipped(Rows);
        Assert.Equal(0, Tool.RunWith(text, "walk", "--rows", "-").Code);
        Assert.Equal(0, Tool.RunWith(Fixture.Bytes(Rows), "walk", "--rows", "-", "--processor", "INTEL").Code);
    }

    [Fact]
    public void AMD_reports_a_fetch_with_NXE_only_and_so_differs_from_the_fixture()
    {
        ToolResult result = Tool.Run("walk", "--rows", Fixture.PathOf(Rows), "--processor", "genoa");
        Assert.Equal(1, result.Code);
        string[] expected = FixtureRows();
        int different = 0;
        foreach ((string line, string row) in result.OutputLines.Zip(expected.Skip(1)))
        {
            string[] cells = row.Split('\t');
            string code = line.Split('\t')[2];
            if (code == cells[22]) continue;
            different++;
            Assert.Equal(("0", "1", "x"), (cells[7], cells[8], cells[14])); // NXE, SMEP, kind
            Assert.Equal(Convert.ToUInt64(cells[22], 16), Convert.ToUInt64(code, 16) | 0x10);
        }

        Assert.True(different > 100, $"{different}");
        Assert.EndsWith($": {different} rows differ from what the file expects\n", result.Error, StringComparison.Ordinal);
        Assert.Equal(6, result.SpeaksProperly().ErrorLines.Length);
    }

    [Fact]
    public void Without_expected_columns_nothing_is_compared()
    {
        ToolResult result = Run(Header, Row);
        Assert.Equal((0, "7\t0\t-\t9234\t9063\t4023\n", string.Empty), (result.Code, result.Output, result.Error));
    }

    [Fact]
    public void A_row_of_a_1_GiB_page_has_neither_PDE_nor_PTE()
    {
        string row = Row.Replace("3003\t4003\t9003", "40000083\t-\t-", StringComparison.Ordinal);
        ToolResult result = Run(Header + "\tpde_after", row + "\t-");
        Assert.Equal((0, "7\t0\t-\t40001234\t-\t-\n", string.Empty), (result.Code, result.Output, result.Error));
        Assert.Equal(1, Run(Header + "\tpde_after", row + "\t23").Code);
    }

    [Fact]
    public void Columns_may_stand_in_any_order_beside_others()
    {
        string[] names = Header.Split('\t');
        string[] cells = Row.Split('\t');
        string reversed = string.Join('\t', names.Reverse()) + "\tnote\tpa";
        ToolResult result = Run(reversed, string.Join('\t', cells.Reverse()) + "\tanything\t9235");
        Assert.Equal((1, "7\t0\t-\t9234\t9063\t4023\n"), (result.Code, result.Output));
        Assert.Equal(
            "fastrmp: -: line 2: row 7: pa is 9234, the file expects 9235\nfastrmp: -: 1 row differs from what the file expects\n",
            result.Error);
    }

    [Theory]
    [InlineData("fault", "1", "0")]
    [InlineData("err", "3", "-")]
    [InlineData("pte_after", "9003", "9063")]
    [InlineData("pde_after", "4003", "4023")]
    public void Each_expected_column_is_compared(string column, string wrong, string right)
    {
        Assert.Equal(1, Run($"{Header}\t{column}", $"{Row}\t{wrong}").Code);
        Assert.Equal(0, Run($"{Header}\t{column}", $"{Row}\t{right}").Code);
    }

    [Fact]
    public void Bits_to_be_ignored_are_not_compared() => Assert.Equal(0, Run(Header + "\tpde_after\tpde_ignore", Row + "\t4003\t20").Code);

    [Theory]
    [InlineData("\t4\t40\t", "\t4\t35\t", "maxphyaddr: '35' is not a value of this column")]
    [InlineData("\t4\t40\t", "\t3\t40\t", "levels: '3' is not a value of this column")]
    [InlineData("\t4\t40\t", "\t5\t40\t", "pml5e: is '-' with five levels")]
    [InlineData("7\t4\t", "x\t4\t", "id: 'x' is not a value of this column")]
    [InlineData("\tw\t", "\trw\t", "kind: 'rw' is not a value of this column")]
    [InlineData("\tw\t", "\t\t", "kind: '' is not a value of this column")]
    [InlineData("\t1234\t", "\t0x1234\t", "va: '0x1234' is not a value of this column")]
    [InlineData("\t1234\t", "\t12345678123456789\t", "va: '12345678123456789' is not a value of this column")]
    [InlineData("\t4003\t", "\t-\t", "pde: is '-' above a pte")]
    [InlineData("\t1000\t1\t", "\t1000\t2\t", "wp: '2' is not a value of this column")]
    [InlineData("\t9003", "", "18 columns, the header has 19")]
    [InlineData("\t9003", "\t9003\t1", "more than the 19 columns of the header")]
    public void A_bad_row_is_named_and_the_rows_before_it_are_printed(string part, string bad, string problem)
    {
        ToolResult result = Run(Header, Row, Row.Replace(part, bad, StringComparison.Ordinal), Row);
        result.IsBadInput($"-: line 3: {problem}");
        Assert.Single(result.OutputLines);
    }

    [Fact]
    public void A_header_without_a_needed_column_is_refused()
    {
        foreach (string name in Header.Split('\t'))
        {
            string[] others = Header.Split('\t').Where(other => other != name).ToArray();
            Run(string.Join('\t', others)).IsBadInput("-: line 1: ", $"'{name}' is missing");
        }

        Run(Header + "\tva").IsBadInput("-: line 1: the header names the column 'va' twice");
        Tool.RunWith([], "walk", "--rows", "-").IsBadInput("-: the file is empty");
        Tool.Run("walk", "--rows", "/no/such/rows").IsBadInput("/no/such/rows: there is no such file");
    }

    [Fact]
    public void An_address_that_is_not_canonical_has_neither_fault_nor_target() =>
        Assert.Equal("7\t0\t-\t-\t9003\t4003\n", Run(Header, Row.Replace("\t1234\t", "\t800000001234\t", StringComparison.Ordinal)).Output);

    [Fact]
    public void A_processor_without_five_levels_refuses_rows_that_need_them()
    {
        string row = Row.Replace("7\t4\t", "7\t5\t", StringComparison.Ordinal).Replace("\t-\t", "\t8003\t", StringComparison.Ordinal);
        Tool.RunWith(Tool.Utf8($"{Header}\n{row}\n"), "walk", "--rows", "-", "--processor", "milan")
            .IsBadInput("-: line 2: levels: a milan has no five-level paging");
    }

    [Fact]
    public void A_row_costs_no_allocation()
    {
        byte[][] lines = FixtureRows().Select(Encoding.ASCII.GetBytes).ToArray();
        RowLayout layout = RowLayout.Parse(lines[0], out _)!;
        RowParser row = new(layout);
        ProcessorModel processor = ProcessorModel.Intel;
        int differing = Walk(lines, row, layout, processor);
        int again = 0;
        Allocations.RequireNone(() => again = Walk(lines, row, layout, processor), rounds: 1);
        Assert.Equal(differing, again);
    }

    private static int Walk(byte[][] lines, RowParser row, RowLayout layout, ProcessorModel processor)
    {
        int differing = 0;
        for (int i = 1; i < lines.Length; i++)
        {
            if (!row.TryRead(lines[i])) throw new InvalidDataException(row.Problem);
            if (RowWalk.Of(row, processor).Difference(row, layout) is not null) differing++;
        }

        return differing;
    }

    private static ToolResult Run(params string[] lines) =>
        Tool.RunWith(Tool.Utf8(string.Join('\n', lines) + "\n"), "walk", "--rows", "-").SpeaksProperly();

    private static string[] FixtureRows() =>
        Encoding.ASCII.GetString(Fixture.Gunzipped(Rows)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
