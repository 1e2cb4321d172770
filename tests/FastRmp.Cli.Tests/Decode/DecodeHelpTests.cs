using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Decode;

public class DecodeHelpTests
{
    [Theory]
    [InlineData("")]
    [InlineData("rmp")]
    [InlineData("rmp-range")]
    [InlineData("pte")]
    [InlineData("pf")]
    [InlineData("npf")]
    [InlineData("iopte")]
    [InlineData("dte")]
    [InlineData("event")]
    [InlineData("flags")]
    public void Every_example_of_the_help_runs(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        string[] args = command.Length == 0 ? ["decode", "--help"] : ["decode", command, "--help"];
        string[] examples =
        [
            .. Tool.Run(args).OutputLines
                .Where(static line => line.StartsWith("  fastrmp decode ", StringComparison.Ordinal))
                .Where(static line => !line.Contains("[options]", StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(examples);
        Assert.All(examples, static example =>
        {
            ToolResult result = Tool.Run([.. Words(example).Skip(1)]).SpeaksProperly();
            Assert.Equal((0, string.Empty), (result.Code, result.Error));
            Assert.NotEmpty(result.OutputLines);
        });
    }

    [Theory]
    [InlineData("rmp")]
    [InlineData("rmp-range")]
    [InlineData("pte")]
    [InlineData("pf")]
    [InlineData("npf")]
    [InlineData("iopte")]
    [InlineData("dte")]
    [InlineData("event")]
    [InlineData("flags")]
    public void Whatever_stands_in_the_arguments_is_decoded_or_refused(string command)
    {
        string[] seeds =
        [
            "PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 800fffff9edcb062", "error_code(0x0011) - permissions violation",
            "EXITINFO1=0x500000004",
            "SEV-SNP: RMP table physical range [0x0000000097f00000 - 0x00000000a84fffff]", "[0xfff0000000144001 - 0x000000000000000f]",
            "8000000012345067 0", "bad pmd ffff888012345678(800000010a5fb8e3)",
            "RMPEntry paddr 0x1c9f36000 [assigned=1 immutable=0 pagesize=0 gpa=0x7fffffffff asid=1 vmsa=1 validated=1]",
            "RMPEntry paddr 0x20cee00000 000000000000000f 8000000000000ffd",
            "PFN 0x56700 unassigned, dumping non-zero entries in 2M PFN region: [0x56600 - 0x56800]\n"
                + "PFN: 0x56600, [0x80000000000007fd - 0x0000000000000000]",
            "RMP_BASE: 97f00000 RMP_END: a84fffff",
            "#PF error: [PROT] [WRITE]", "v=0e e=0002 i=0 cpl=0",
            "AMD-Vi: DTE[0]: 7d90000000000003 DTE[1]: 0000100103fc0009 DTE[2]: 2000000117840013 DTE[3]: 0000000000000000",
            "QWORD[3] QWORD[2] QWORD[1] QWORD[0] iommu\n0000:06:00.0 0000000000000000 2000000117840013 0000100103fc0009 7d90000000000003",
            "00000003 7d900000 03fc0009 00001001 17840013 20000000 00000000 00000000",
            "AMD-Vi: Event logged [UNKNOWN event[0]=0x0000c100, event[1]=0xd0200000, event[2]=0x740b8784, event[3]=0x00000000",
            "AMD-Vi: Event logged [RMP_PAGE_FAULT vmg_tag=0x0000, gpa=0x740b8784, flags_rmp=0x0000, flags=0x0020]",
        ];
        Random random = new(5);
        for (int i = 0; i < Tool.Share(1500); i++)
        {
            byte[] text = Tool.Utf8(seeds[random.Next(seeds.Length)]);
            for (int change = random.Next(4); change > 0; change--) text[random.Next(text.Length)] = (byte)random.Next(0x20, 0x7F);
            string argument = Encoding.ASCII.GetString(text)[..random.Next(text.Length + 1)].TrimStart('-', '[', '@', ' ');
            string[] arguments = random.Next(2) == 0 ? [argument] : argument.Split(' ');
            ToolResult result = Tool.Run(["decode", command, .. arguments]).SpeaksProperly();
            Assert.True(result.Code is 0 or 2, $"{result.Code}: {argument}");
            Assert.Equal(result.Code == 2, result.Error.Length != 0);
            if (result.Code == 2) Assert.Empty(result.Output);
        }
    }

    /// <summary>The words of a shell's line, of which some are quoted.</summary>
    private static List<string> Words(string line)
    {
        List<string> words = [];
        foreach ((int index, string part) in line.Trim().Split('"').Index())
        {
            if (index % 2 == 1) words.Add(part);
            else words.AddRange(part.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }

        return words;
    }
}
