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
    public void Every_example_of_the_help_runs(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        string[] args = command.Length == 0 ? ["decode", "--help"] : ["decode", command, "--help"];
        string[] examples = [.. Tool.Run(args).OutputLines.Where(static line => line.StartsWith("  fastrmp decode ", StringComparison.Ordinal)).Where(static line => !line.Contains("[options]", StringComparison.Ordinal))];
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
    public void Whatever_stands_in_the_arguments_is_decoded_or_refused(string command)
    {
        string[] seeds =
        [
            "PGD 2c01067 P4D 2c01067 PUD 107267063 PMD 10382b063 PTE 800fffff9edcb062", "error_code(0x0011) - permissions violation", "EXITINFO1=0x500000004",
            "SEV-SNP: RMP table physical range [0x0000000097f00000 - 0x00000000a84fffff]", "[0xfff0000000144001 - 0x000000000000000f]", "8000000012345067 0", "bad pmd ffff888012345678(800000010a5fb8e3)",
        ];
        Random random = new(5);
        for (int i = 0; i < 1500; i++)
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
