using System;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Judges.Tests;

public sealed class AccessJudgeTests
{
    private const string Header =
        "id\tlevels\tmaxphyaddr\tcr3\twp\tnxe\tsmep\tsmap\tpke\tpkru\tva\tuser\tkind\ttwice\tpml5e\tpml4e\tpdpte\tpde\tpte\tfault\terr\tpa\tpte_after\tpde_after\tpde_ignore";
    private const string State = "7\t4\t40\t1000\t1\t1\t0\t0\t0\t0";
    private const string Write = "1234\t0\tw\t0\t-\t2003\t3003\t4003\t9003";

    [Fact]
    public void All_rows_of_kvm_unit_tests_are_equal() => JudgeRun.AllEqual("access", Fixture.PathOf("access/rows.tsv.gz"));

    [Theory]
    [InlineData(Write, "0\t-\t9234\t9063\t4023\t0")]
    [InlineData("1234\t1\tw\t0\t-\t2003\t3003\t4003\t9003", "1\t7\t-\t9003\t4023\t0")]
    [InlineData("1234\t1\tw\t0\t-\t2003\t3003\t4003\t9003", "1\t7\t-\t9003\t4003\t20")]
    [InlineData("1234\t1\tr\t1\t-\t2003\t3003\t4003\t9003", "1\t5\t-\t9023\t4023\t0")]
    [InlineData("201234\t0\tr\t0\t-\t2003\t3003\t200083\t-", "0\t-\t201234\t-\t2000a3\t0")]
    public void A_row_that_agrees_is_equal(string access, string expected)
    {
        (int code, string output) = Judge($"{State}\t{access}\t{expected}");
        Assert.True(code == 0, output);
    }

    [Theory]
    [InlineData("1\t3\t-\t9003\t4023\t0", "fault: expected 1, is 0")]
    [InlineData("0\t-\t9235\t9063\t4023\t0", "pa: expected 9235, is 9234")]
    [InlineData("0\t-\t9234\t9023\t4023\t0", "pte_after: expected 9023, is 9063")]
    [InlineData("0\t-\t9234\t9063\t4003\t0", "pde_after: expected 4003, is 4023")]
    public void Each_kind_of_difference_is_noticed(string expected, string difference)
    {
        (int code, string output) = Judge($"{State}\t{Write}\t{expected}");
        Assert.Equal(1, code);
        Assert.Contains("differs: row 7: w of 1234, user 0", output, StringComparison.Ordinal);
        Assert.Contains(difference, output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_code_is_noticed()
    {
        (int code, string output) = Judge($"{State}\t1234\t1\tw\t0\t-\t2003\t3003\t4003\t9003\t1\t6\t-\t9003\t4023\t0");
        Assert.Equal(1, code);
        Assert.Contains("err: expected 6, is 7", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("levels", "6")]
    [InlineData("maxphyaddr", "35")]
    [InlineData("cr3", "1001")]
    [InlineData("wp", "2")]
    [InlineData("kind", "i")]
    [InlineData("pdpte", "-")]
    [InlineData("pte", "zz")]
    [InlineData("pml4e", "x")]
    [InlineData("pa", "-")]
    public void A_bad_value_is_bad_input_with_its_line(string column, string value)
    {
        string[] cells = $"{State}\t{Write}\t0\t-\t9234\t9063\t4023\t0".Split('\t');
        cells[Array.IndexOf(Header.Split('\t'), column)] = value;
        (int code, string output) = Judge(string.Join('\t', cells));
        Assert.Equal(3, code);
        Assert.Contains($"rows.tsv: line 2: {column}: '{value}'", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_PTE_without_a_PDE_is_bad_input_unless_the_page_has_1_GiB()
    {
        (int code, string output) = Judge($"{State}\t1234\t0\tw\t0\t-\t2003\t3003\t-\t9003\t0\t-\t9234\t9063\t-\t0");
        Assert.Equal(3, code);
        Assert.Contains("rows.tsv: line 2: pte: '9003'", output, StringComparison.Ordinal);
        (code, output) = Judge($"{State}\t1234\t0\tr\t0\t-\t2003\t40000083\t-\t-\t0\t-\t40001234\t-\t-\t0");
        Assert.True(code == 0, output);
    }

    [Fact]
    public void Damaged_rows_end_in_a_verdict_or_in_bad_input()
    {
        string[] rows = Encoding.UTF8.GetString(Fixture.Gunzipped("access/rows.tsv.gz")).Split('\n')[..40];
        DamagedRows.Survives("access", string.Join('\n', rows), seed: 3);
    }

    private static (int Code, string Output) Judge(string line) => Files.Judge("access", $"{Header}\n{line}\n");
}
