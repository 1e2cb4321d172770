using System;
using System.IO;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Images;

/// <summary>The files as their writers left them, where the whole set lies beside the repository: most are too large for it.</summary>
public class SharedSetTests
{
    [Theory]
    [InlineData("makedumpfile/lzo-d31.kdump")]
    [InlineData("makedumpfile/snappy-d31.kdump")]
    [InlineData("makedumpfile/split-1.kdump")]
    [InlineData("makedumpfile/split-2.kdump")]
    [InlineData("makedumpfile/zlib-d31.flat")]
    [InlineData("makedumpfile/zlib-d31.kdump")]
    [InlineData("makedumpfile/zstd-d31.kdump")]
    [InlineData("qemu/kdump-zlib.kdump")]
    [InlineData("qemu/core.elf.gz")]
    public void Files_of_one_moment_give_one_map(string name)
    {
        string set = Find();
        string[] expected = Tool.Run("map", Path.Combine(set, "qemu/core.elf.zst"), "--tsv").OutputLines;
        ToolResult result = Tool.Run("map", Path.Combine(set, name), "--tsv");
        Assert.Equal(0, result.Code);
        Assert.Equal(expected, result.OutputLines);
    }

    [Theory]
    [InlineData("vmcore/zlib-d31.kdump")]
    [InlineData("vmcore/zstd-d31.kdump")]
    public void Dumps_of_one_crash_give_one_map(string name)
    {
        string set = Find();
        string[] expected = Tool.Run("map", Path.Combine(set, "vmcore/vmcore.elf.zst"), "--tsv").OutputLines;
        ToolResult result = Tool.Run("map", Path.Combine(set, name), "--tsv");
        Assert.Equal(0, result.Code);
        Assert.Equal(expected, result.OutputLines);
    }

    // The set lies in the folder "shared" beside the repository's own.
    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "FastRmp.sln"))) continue;
            string set = Path.Combine(folder.FullName, "..", "shared", "fixtures", "images");
            if (Directory.Exists(set)) return set;
        }

        Assert.Skip("The whole set of images does not lie beside the repository (../shared/fixtures/images).");
        return string.Empty;
    }
}
