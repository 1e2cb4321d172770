using System;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Judges.Tests;

public class ScriptJudgeTests
{
    [Fact]
    public void The_scripts_print_what_is_expected() =>
        JudgeRun.AllEqual("scripts", Path.GetDirectoryName(Fixture.PathOf("rmp-scripts/rmpupdate.txt"))!);

    [Fact]
    public void A_different_line_is_a_difference()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.txt"), "# none\nrmp contiguous 100000 1103fff\nstate 0\n");
            File.WriteAllText(Path.Combine(folder.FullName, "a.expected"), "ok\nFirmware\n");
            (int code, string output) = JudgeRun.Of("scripts", folder.FullName);
            Assert.Equal(1, code);
            Assert.Contains("differs: a.txt, operation 2: state 0", output, StringComparison.Ordinal);
            Assert.EndsWith("1 of 2 equal, 0 left out\n", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("rmp contiguous 100000 1103fff\r\nstate 0\r\n", "ok\r\nHypervisor\r\n")]
    [InlineData("\uFEFF\n \t\n\tRMP  contiguous\t0X100000 1103FFF#x\nstate 0 # y", "ok\nHypervisor")]
    [InlineData("rmp contiguous 100000 1103fff\nstate 0\n\n", "\uFEFF# both\nok \n\nHypervisor\n\n")]
    public void Spacing_line_ends_and_comments_are_no_difference(string script, string expected)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.b.txt"), script);
            File.WriteAllText(Path.Combine(folder.FullName, "a.b.expected"), expected);
            File.WriteAllText(Path.Combine(folder.FullName, "lone.txt"), "frobnicate\n");
            File.WriteAllText(Path.Combine(folder.FullName, "lone2.expected"), "ok\n");
            (int code, string output) = JudgeRun.Of("scripts", folder.FullName);
            Assert.True(code == 0, output);
            Assert.EndsWith("2 of 2 equal, 0 left out\n", output, StringComparison.Ordinal);
            File.AppendAllText(Path.Combine(folder.FullName, "a.b.expected"), "\nok\n");
            Assert.Contains(
                "differs: a.b.txt, operation 3: (none)\n  expected ok\n  printed  (nothing)\n",
                JudgeRun.Of("scripts", folder.FullName).Output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Scripts_without_operations_are_no_agreement()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "a.txt"), "# nothing\n");
            File.WriteAllText(Path.Combine(folder.FullName, "a.expected"), "\n");
            Assert.EndsWith("0 of 0 equal, 0 left out\n", JudgeRun.Of("scripts", folder.FullName).Output, StringComparison.Ordinal);
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
            Assert.Equal(1, JudgeRun.Of("scripts", folder.FullName).Code);
        }
        finally
        {
            folder.Delete();
        }
    }

    [Fact]
    public void A_folder_that_is_not_there_is_bad_input() =>
        Assert.Equal(3, JudgeRun.Of("scripts", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())).Code);

    [Theory]
    [InlineData]
    [InlineData("scripts")]
    [InlineData("guess", ".")]
    public void A_wrong_command_line_is_2(params string[] args) => Assert.Equal(2, JudgeRun.Of(args).Code);
}
