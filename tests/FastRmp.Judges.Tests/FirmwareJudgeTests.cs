using System;
using System.IO;
using System.IO.Compression;
using System.Text;
using Xunit;

namespace FastRmp.Judges.Tests;

/// <summary>Rows written by hand from the rules; each shows one kind of difference that the judge has to see.</summary>
public sealed class FirmwareJudgeTests
{
    private const string Platform = "P snp=1 rmpinit=1 iommu=1 guests=1 sev=0 wbinvd=0 snpen=1\n";
    private const string Reclaim = "R 1 PAGE_RECLAIM paddr=801000 size=0\n" + Platform + "E 800 1 8 0 0\nE 801 1 8000000000000005 1f 0\n";
    private const string Guest = "G c03000 state=1 asid=0 flags=2 ccxs=0 imi=0 policy=30000 ma=ffffffffffffffff iv=0\n";
    private const string Activate = "R 2 ACTIVATE gctx=c03000 asid=5\n" + Platform + "E c00 1 8 0 0\nE c03 1 a000000000000005 1f 0\n"
        + Guest;
    private const string Activated = "g c03000 state=1 asid=5 flags=6 ccxs=3 imi=0 policy=30000 ma=ffffffffffffffff iv=0\n";

    private const string SwapOut = """
        R 3 SWAP_OUT gctx=c03000 src=801000 dst=fc00000 mdata=e01040 sw=77 size=0 type=0 root=0 reserved=0
        P snp=1 rmpinit=1 iommu=1 guests=1 sev=0 wbinvd=0 snpen=1
        E 800 1 8 0 0
        E 801 1 c028000012345005 1f 0
        E c00 1 8 0 0
        E c03 1 a000000000000005 0 0
        E e00 1 8 0 0
        E e01 1 8001000000c03005 0 0
        A 5 5 U
        G c03000 state=2 asid=5 flags=3 ccxs=3 imi=0 policy=30000 ma=ffffffffffffffff iv=9

        """;

    private const string SwappedOut = """
        e 801 1 8028000012345005 1f 0
        g c03000 state=2 asid=5 flags=3 ccxs=3 imi=0 policy=30000 ma=ffffffffffffffff iv=a

        """;

    [Fact]
    public void All_rows_of_the_published_firmware_are_equal()
    {
        string? folder = FirmwareFolder();
        Assert.SkipWhen(
            folder is null,
            "The rows of AMD's published firmware are not part of the repository: there is no folder shared/fixtures/firmware beside it.");
        JudgeRun.AllEqual("firmware", folder!);
    }

    [Theory]
    [InlineData(Reclaim + "S 0 SUCCESS\ne 801 1 1 1f 0\n.\n")]
    [InlineData(Activate + "S 0 SUCCESS\na 5 5 A\n" + Activated + ".\n")]
    [InlineData(Activate + "C 5 1\nS 3 INVALID_CONFIG\n.\n")]
    [InlineData(
        "R 4 DF_FLUSH\nP snp=1 rmpinit=1 iommu=1 guests=0 sev=0 wbinvd=1 snpen=1\nA 1 3ee D\nS e WBINVD_REQUIRED\na 1 3ee 2/1/0/0\n.\n")]
    [InlineData("Q 5 8000000000000005 0 4 FIRMWARE\nQ 6 8028000012345005 1f 9 PRE_GUEST\n")]
    [InlineData(
        "R 7 SHUTDOWN_EX length=8 iommu=1 x86=1 reserved=0\n" + Platform
            + "I BUF 801000 802000\nE 800 1 8 0 0\nE 801 1 8002000000001005 0 0\nS 0 SUCCESS\n"
            + "p snp=0 rmpinit=0 iommu=0 guests=1 sev=0 wbinvd=0 snpen=0\ne 801 1 1 0 0\n.\n")]
    [InlineData(Reclaim + "Z what a later format adds\nX later\nS 0 SUCCESS\ne 801 1 1 1f 0\n.\n")]
    public void A_row_that_agrees_is_equal(string rows)
    {
        (int code, string output) = Judge(rows);
        Assert.True(code == 0, output);
    }

    [Theory]
    [InlineData(Reclaim + "S 1a INVALID_PAGE_STATE\n.\n", "status: expected 1a INVALID_PAGE_STATE, model 0 SUCCESS")]
    [InlineData(Reclaim + "S 0 SUCCESS\ne 801 1 1 0 0\n.\n", "entry 801: expected 1 0, model 1 1f")]
    [InlineData(Reclaim + "S 0 SUCCESS\ne 801 1 1 1f 0\ne 20ff 1 4 0 0\n.\n", "entry 20ff: expected 4 0, model 0 0")]
    [InlineData(Reclaim + "S 0 SUCCESS\ne 801 1 1 1f 0\nc 5 1\n.\n", "counters 4, 5: expected 0 1, model 0 0")]
    [InlineData(
        Reclaim + "S 0 SUCCESS\ne 801 1 1 1f 0\np snp=1 rmpinit=1 iommu=1 guests=2 sev=0 wbinvd=0 snpen=1\n.\n",
        "platform: expected snp=1 rmpinit=1 iommu=1 guests=2")]
    [InlineData(Activate + "S 0 SUCCESS\na 5 5 U\n" + Activated + ".\n", "ASID 5: expected 0/0/0/3, model 0/0/3/0")]
    [InlineData(Activate + "S 0 SUCCESS\na 5 5 0/2/1/0\n" + Activated + ".\n", "ASID 5: expected 0/2/1/0, model 0/0/3/0")]
    [InlineData(Activate + "S 0 SUCCESS\na 5 5 A\n.\n", "context 0xc03000: expected state=1 asid=0 flags=2")]
    [InlineData(
        SwapOut + "S 0 SUCCESS\n" + SwappedOut + ".\n", "metadata 0xe01040: expected unchanged, model sw=77 iv=9 valid=1 validated=1")]
    [InlineData(
        SwapOut + "S 0 SUCCESS\n" + SwappedOut + "d e01040 sw=77 iv=9 valid=1 validated=1 vmsa=0 metadata=0 size=0 gpa=12346 vmpl=1f\n.\n",
        "metadata e01040: expected sw=77 iv=9 valid=1 validated=1 vmsa=0 metadata=0 size=0 gpa=12346")]
    [InlineData(
        SwapOut + "S 0 SUCCESS\n" + SwappedOut + "d root sw=77 iv=9 valid=1 validated=1 vmsa=0 metadata=0 size=0 gpa=12345 vmpl=1f\n.\n",
        "context 0xc03000")]
    [InlineData("Q 5 8000000000000005 0 7 CONTEXT\n", "expected 7 CONTEXT")]
    public void Each_kind_of_difference_is_noticed(string rows, string difference)
    {
        (int code, string output) = Judge(rows);
        Assert.Equal(1, code);
        Assert.Contains(difference, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("undef")]
    [InlineData("odd tail")]
    [InlineData("overlap")]
    [InlineData("zero0 counts")]
    public void Faults_of_that_firmware_are_left_out(string tags)
    {
        (_, string output) = Judge(Reclaim + $"X {tags}\nS 7 POLICY_FAILURE\n.\n" + Reclaim + "S 0 SUCCESS\ne 801 1 1 1f 0\n.\n");
        Assert.EndsWith("1 of 1 equal, 1 left out\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_that_can_be_compared_are_not_left_out()
    {
        (int code, string output) = Judge(Reclaim + "X odd counts partial orphan cbit aseg\nS 7 POLICY_FAILURE\n.\n");
        Assert.Equal(1, code);
        Assert.EndsWith("0 of 1 equal, 0 left out\n", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Reclaim + ".\n", "line 5: the row has no status")]
    [InlineData(Reclaim + "S 0 SUCCESS\n", "line 5: the last row has no end")]
    [InlineData(Reclaim + Reclaim, "line 5: a row begins inside a row")]
    [InlineData(Reclaim + "e 801 1 x 0 0\n.\n", "line 5: the low quadword is 'x', no hexadecimal number")]
    [InlineData(Reclaim + "a 5 5 1/2\n.\n", "line 5: '1/2' is not a state of an ASID")]
    [InlineData(Reclaim + "M 2000 0\n.\n", "line 5: the range is none")]
    [InlineData("Q 5 8000000000000005\n", "line 1: the high quadword is missing")]
    public void A_malformed_row_is_named_by_file_and_line(string rows, string message)
    {
        (int code, string output) = Judge(rows);
        Assert.Equal(3, code);
        Assert.Contains($"made.rows, {message}", output, StringComparison.Ordinal);
    }

    /// <summary>
    /// Firmware keeps a context of its own, which the rows do not contain; ASIDs after an initialisation that fails depend on it.
    /// </summary>
    [Theory]
    [InlineData("a 1 3ee 3/3/0/0\n", 0)]
    [InlineData("", 0)]
    [InlineData("a 1 3ee D\n", 1)]
    public void An_initialisation_that_fails_may_find_a_context_or_none(string asids, int expected)
    {
        const string Init =
            "R 8 INIT_EX init_rmp=0 list_en=1 list=2000000 reserved=0 n=0 lreserved=0\n"
                + "P snp=0 rmpinit=1 iommu=1 guests=1 sev=0 wbinvd=0 snpen=1\n";
        (int code, string output) = Judge(Init + "S 16 INVALID_PARAM\n" + asids + ".\n");
        Assert.True(code == expected, output);
    }

    /// <summary>
    /// Where no RMP counts as initialised there is no context: ASIDs become dirty, besides what they were or, after a shutdown with the
    /// IOMMUs, and nothing else.
    /// </summary>
    [Theory]
    [InlineData("a 1 3ee 3/3/0/0\n", 0)]
    [InlineData("a 1 3ee D\np snp=0 rmpinit=0 iommu=0 guests=0 sev=0 wbinvd=0 snpen=1\n", 0)]
    [InlineData("a 1 3ee D\n", 1)]
    [InlineData("", 1)]
    public void Without_an_initialised_table_there_is_no_context(string after, int expected)
    {
        const string Init =
            "R 8 INIT_EX init_rmp=0 list_en=0 list=0 reserved=0 n=0 lreserved=0\n"
                + "P snp=0 rmpinit=0 iommu=0 guests=1 sev=0 wbinvd=0 snpen=1\n";
        (int code, string output) = Judge(Init + "S 20 RMP_INIT_REQUIRED\n" + after + ".\n");
        Assert.True(code == expected, output);
    }

    [Theory]
    [InlineData("M 0 ffffffffffffffff\n", 0)]
    [InlineData("I CWB fffffffff000 10000000000000\n", 3)]
    [InlineData("I CWB ffffffffffffe000 fffffffffffff000\n", 3)]
    [InlineData("I CWB ffffffffffffe000 1000\n", 3)]
    public void Places_beyond_all_addresses_are_places(string line, int status)
    {
        const string Init = "R 8 INIT\nP snp=0 rmpinit=0 iommu=0 guests=0 sev=0 wbinvd=0 snpen=1\n";
        const string Bounds = "B base=600000 end=6fffff differs=0 mfdm=1 hsaveclear=1 tcbchanged=0 iommuok=1\n";
        (int code, string output) = Judge(Init + line + Bounds + $"S {status:x} ANY\n.\n");
        Assert.True(code == 1, output); // the table is written; the status is what counts here
        Assert.DoesNotContain("status", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_of_other_names_are_ignored_and_packed_ones_are_read()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "README.txt"), "R nothing\n");
            using (GZipStream packed = new(File.Create(Path.Combine(folder.FullName, "a.rows.gz")), CompressionLevel.Fastest))
            {
                packed.Write(Encoding.ASCII.GetBytes(Reclaim + "S 0 SUCCESS\ne 801 1 1 1f 0\n.\n"));
            }

            (int code, string output) = JudgeRun.Of("firmware", folder.FullName);
            Assert.True(code == 0, output);
            Assert.EndsWith("1 of 1 equal, 0 left out\n", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Output) Judge(string rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "made.rows"), rows.ReplaceLineEndings("\n"));
            return JudgeRun.Of("firmware", folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The rows beside the repository, from the solution's folder up.</summary>
    private static string? FirmwareFolder()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string rows = Path.Combine(folder.FullName, "shared", "fixtures", "firmware");
            if (Directory.Exists(rows)) return rows;
        }

        return null;
    }
}
