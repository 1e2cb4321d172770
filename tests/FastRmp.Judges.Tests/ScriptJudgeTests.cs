using System;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Judges.Tests;

public class ScriptJudgeTests
{
    [Fact]
    public void The_scripts_print_what_is_expected() => Verdict.AllEqual("scripts", Path.GetDirectoryName(Fixture.PathOf("rmp-scripts/rmpupdate.txt"))!);

    [Fact]
    public void A_different_line_is_a_difference()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.txt"), "# none\nrmp contiguous 100000 1103fff\nstate 0\n");
            File.WriteAllText(Path.Combine(folder.FullName, "a.expected"), "ok\nFirmware\n");
            (int code, string output) = Verdict.Of("scripts", folder.FullName);
            Assert.Equal(1, code);
            Assert.Contains("differs: a.txt, operation 2: state 0", output, StringComparison.Ordinal);
            Assert.EndsWith("1 of 2 equal, 0 left out\n", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_folder_without_rows_is_no_agreement()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            Assert.Equal(1, Verdict.Of("scripts", folder.FullName).Code);
        }
        finally
        {
            folder.Delete();
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_is_bad_input() => Assert.Equal(3, Verdict.Of("scripts", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())).Code);

    [Theory]
    [InlineData]
    [InlineData("scripts")]
    [InlineData("guess", ".")]
    public void A_wrong_command_line_is_2(params string[] args) => Assert.Equal(2, Verdict.Of(args).Code);
}
