using System;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Judges.Tests;

public sealed class NestedJudgeTests
{
    private const string Header =
        "emu\tid\tglev\thlev\twidth\tgib\twp\tnxe\tsmep\tsmap\tac\tcpl\tpke\tpkru\thnxe\thsmep\thsmap\thwp\tcr3\tncr3\tkind\tva\toutcome\tcode\tignore\tinfo2\tspa\tmarks\tdisputed\tnote\tentries";

    // One nested page of 1 GiB maps the guest's memory onto itself, and one of the guest's maps 2 MiB: va 0x1234 is gPA 0x201234.
    private const string Nested = "N4t@1000:2007>2027 N3l@2000:87>e7";
    private const string Guest = "G4t@3000:4007>4027 G3t@4000:5007>5027";
    private const string State = "4\t4\t40\t1\t1\t1\t0\t0\t0\t0\t0\t0\t1\t0\t0\t1\t3000\t1000";
    private const string Read = "r\t1234";
    private const string Good = "ok\t-\t-\t-\t201234\texact\t-\t-";
    private const string NotPresent = "pf\t0\t0\t-\t-\texact\t-\t-";

    [Fact]
    public void All_undisputed_rows_of_QEMU_and_Bochs_are_equal()
    {
        (int code, string output) = JudgeRun.Of("nested", Fixture.PathOf("nested/rows-small.tsv.gz"));
        Assert.True(code == 0, output);
        Assert.EndsWith("3675 of 3675 equal, 224 left out\n", output, StringComparison.Ordinal);
        Assert.Contains("left out: far 20\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Read, Good, "G2l@5000:2000a7")]
    [InlineData("w\t1234", Good, "G2l@5000:200087>2000e7")]
    [InlineData(Read, NotPresent, "G2l@5000:200086")]
    [InlineData(Read, "pf\t8\t1\t-\t-\texact\t-\trsvd-p", "G2l@5000:202087")] // the emulator leaves P out
    [InlineData(Read, "pf\t9\t0\t-\t-\texact\t-\tgib-a", "G2l@5000:202087>2020a7~20")]
    [InlineData(Read, "gp\t-\t-\t-\t-\texact\t-\t-", "G2l@5000:200087", "800000000000")]
    [InlineData("x\t1234", "npf\t100000004\t10\t40201234\t-\texact\tnpf-id\t-", "G2l@5000:40200087>402000a7")]
    [InlineData(Read, "npf\t100000004\t0\t40201234\t-\texact\t-\t-", "G2l@5000:40200087>402000a7")]
    public void A_row_that_agrees_is_equal(string access, string expected, string leaf, string? va = null)
    {
        string tables = va is null ? $"{Nested} {Guest}" : "N4t@1000:2007 N3l@2000:87 G4t@3000:4007 G3t@4000:5007";
        string line = Row(va is null ? access : $"r\t{va}", expected, $"{tables} {leaf}");
        (int code, string output) = Judge(line);
        bool isDisputed = line.Contains("npf-id", StringComparison.Ordinal);
        Assert.EndsWith(isDisputed ? "0 of 0 equal, 1 left out\n" : "1 of 1 equal, 0 left out\n", output, StringComparison.Ordinal);
        Assert.Equal(isDisputed ? 1 : 0, code); // nothing compared is not an agreement
    }

    [Theory]
    [InlineData(Read, "ok\t-\t-\t-\t201235\texact\t-\t-", "G2l@5000:2000a7", "spa: expected 201235, is 201234")]
    [InlineData(Read, NotPresent, "G2l@5000:2000a7", "outcome: expected GuestPageFault, is Mapped")]
    [InlineData(Read, "pf\t2\t0\t-\t-\texact\t-\t-", "G2l@5000:200086", "code: expected 2 but for 0, is 0")]
    [InlineData(Read, "pf\tc\t0\t-\t-\texact\t-\trsvd-p", "G2l@5000:202087", "code: expected c but for 0, is 9")]
    [InlineData(
        Read, "npf\t500000004\t0\t40201234\t-\texact\t-\t-", "G2l@5000:40200087>402000a7",
        "code: expected 500000004 but for 0, is 100000004")]
    [InlineData(Read, "npf\t100000004\t0\t40201000\t-\texact\t-\t-", "G2l@5000:40200087>402000a7", "info2: expected 40201000, is 40201234")]
    [InlineData(Read, Good, "G2l@5000:200087", "G2l@5000: before 200087, expected 200087 but for 0, is 2000a7")]
    [InlineData("w\t1234", Good, "G2l@5000:200087>2000a7", "G2l@5000: before 200087, expected 2000a7 but for 0, is 2000e7")]
    [InlineData(
        "w\t1234", "ok\t-\t-\t-\t201234\tsubset\t-\t-", "G2l@5000:200087>2001e7",
        "G2l@5000: before 200087, expected 2001e7 but for 0, is 2000e7")]
    [InlineData(
        Read, "ok\t-\t-\t-\t201234\tsubset\t-\t-", "G2l@5000:200087>2000e7",
        "G2l@5000: before 200087, expected 2000e7 but for 0, is 2000a7")]
    [InlineData(Read, "npf\t100000007\t0\t40201234\t-\texact\tnpf-id\t-", "G2l@5000:40200087>402000a7", "code: expected 100000007")]
    [InlineData(Read, Good, "G2l@5000:2000a7 N1l@6000:0>1", "N1l@6000: before 0, expected 1 but for 0, is 0")]
    public void Each_kind_of_difference_is_noticed(string access, string expected, string leaf, string difference)
    {
        (int code, string output) = Judge(Row(access, expected, $"{Nested} {Guest} {leaf}"));
        Assert.Equal(1, code);
        Assert.Contains(" of 1234 at CPL 0", output, StringComparison.Ordinal);
        Assert.Contains(difference, output, StringComparison.Ordinal);
        Assert.EndsWith("0 of 1 equal, 0 left out\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Marks_beyond_a_subset_are_no_difference()
    {
        string line = Row(Read, "pf\t0\t0\t-\t-\tsubset\t-\t-", "N4t@1000:2007 N3l@2000:87 G4t@3000:4007 G3t@4000:5007 G2l@5000:200086");
        Assert.Equal(0, Judge(line).Code);
        Assert.Equal(1, Judge(line.Replace("subset", "exact", StringComparison.Ordinal)).Code);
    }

    [Fact]
    public void A_disputed_rule_is_followed_as_the_emulators_have_it_and_a_far_address_not_at_all()
    {
        string bit8 = Row(Read, "ok\t-\t-\t-\t201234\texact\tbit8\t-", $"{Nested} G4t@3000:4107>4127 G3t@4000:5007>5027 G2l@5000:2000a7");
        Assert.Contains("left out: bit8 1", Judge(bit8).Output, StringComparison.Ordinal);
        Assert.Contains(
            "differs", Judge(bit8.Replace("\t201234\t", "\t201235\t", StringComparison.Ordinal)).Output, StringComparison.Ordinal);
        Assert.Contains(
            "expected Mapped, is GuestPageFault", Judge(bit8.Replace("bit8", "-", StringComparison.Ordinal)).Output,
            StringComparison.Ordinal);
        string far = Row(Read, "ok\t-\t-\t-\t999\texact\tfar\t-", $"{Nested} {Guest} G2l@5000:2000a7");
        Assert.Contains("left out: far 1", Judge(far).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind", "y")]
    [InlineData("glev", "3")]
    [InlineData("width", "53")]
    [InlineData("va", "1234g")]
    [InlineData("cpl", "4")]
    [InlineData("outcome", "fine")]
    [InlineData("marks", "-")]
    [InlineData("disputed", "maybe")]
    [InlineData("cr3", "3001")]
    [InlineData("ncr3", "ffffffffffffffff")]
    [InlineData("spa", "-")]
    [InlineData("entries", "G2l@5000")]
    [InlineData("entries", "X2l@5000:1")]
    [InlineData("entries", "G2l@5000:1>")]
    [InlineData("entries", "G2l@5000:1~zz")]
    [InlineData("entries", "")]
    public void A_bad_value_is_bad_input_with_its_line(string column, string value)
    {
        string[] cells = Row(Read, Good, $"{Nested} {Guest} G2l@5000:2000a7").Split('\t');
        cells[Array.IndexOf(Header.Split('\t'), column)] = value;
        (int code, string output) = Judge(string.Join('\t', cells));
        Assert.Equal(3, code);
        Assert.Contains("rows.tsv: line 2: ", output, StringComparison.Ordinal);
        Assert.Contains(column, output, StringComparison.Ordinal);
    }

    [Fact]
    public void Gzip_is_known_by_its_content()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".tsv");
        try
        {
            File.Copy(Fixture.PathOf("nested/rows-small.tsv.gz"), file);
            Assert.EndsWith("3675 of 3675 equal, 224 left out\n", JudgeRun.Of("nested", file).Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_missing_column_a_short_row_and_damaged_gzip_are_bad_input()
    {
        string row = Row(Read, Good, $"{Nested} {Guest} G2l@5000:2000a7");
        Assert.Equal(3, Files.Judge("nested", $"{Header.Replace("\tncr3", string.Empty, StringComparison.Ordinal)}\n").Code);
        Assert.Equal(3, Files.Judge("nested", $"{Header}\n{row[..row.LastIndexOf('\t')]}\n").Code);
        Assert.Equal(3, Files.Judge("nested", string.Empty).Code);
        Assert.Equal(3, Files.Judge("nested", "no gzip", "rows.tsv.gz").Code);
        Assert.Equal(3, JudgeRun.Of("nested", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())).Code);
        Assert.Equal(1, Files.Judge("nested", $"{Header}\n").Code); // no row is not an agreement
    }

    [Fact]
    public void Damaged_rows_end_in_a_verdict_or_in_bad_input()
    {
        string[] rows = Encoding.UTF8.GetString(Fixture.Gunzipped("nested/rows-small.tsv.gz")).Split('\n')[..20];
        DamagedRows.Survives("nested", string.Join('\n', rows), seed: 4);
    }

    private static string Row(string access, string expected, string entries) => $"hand\tH1\t{State}\t{access}\t{expected}\t{entries}";

    private static (int Code, string Output) Judge(string line) => Files.Judge("nested", $"{Header}\n{line}\n");
}
