using System;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace FastRmp.PackageTests;

public sealed class PackedPackageTests(PackedFeed feed)
{
    [Fact]
    public void The_library_package_holds_exactly_the_expected_files()
    {
        string[] expected =
        [
            "CHANGELOG.md", "FastRmp.nuspec", "LICENSE", "README.md",
            "icon.png", "lib/net10.0/FastRmp.dll", "lib/net10.0/FastRmp.xml",
        ];
        Assert.Equal(expected, PackedFeed.FilesIn(feed.Find("FastRmp")));
        Assert.Contains("lib/net10.0/FastRmp.pdb", PackedFeed.FilesIn(feed.Find("FastRmp", "snupkg")));
    }

    [Theory]
    [InlineData("FastRmp")]
    [InlineData("FastRmp.Generators")]
    public void A_package_names_no_dependency(string id)
    {
        string nuspec = PackedFeed.ReadText(feed.Find(id), ".nuspec");
        Assert.DoesNotContain("<dependency ", nuspec, StringComparison.Ordinal);
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<readme>README.md</readme>", nuspec, StringComparison.Ordinal);
    }

    [Fact]
    public void The_generator_package_is_an_analyzer_and_nothing_else()
    {
        Assert.Equal(
            ["FastRmp.Generators.nuspec", "LICENSE", "README.md", "analyzers/dotnet/cs/FastRmp.Generators.dll"],
            PackedFeed.FilesIn(feed.Find("FastRmp.Generators")));
    }

    [Fact]
    public void The_images_package_holds_exactly_the_expected_files_and_needs_the_library_and_two_decoders()
    {
        string[] expected =
        [
            "CHANGELOG.md", "FastRmp.Images.nuspec", "LICENSE", "README.md",
            "icon.png", "lib/net10.0/FastRmp.Images.dll", "lib/net10.0/FastRmp.Images.xml",
        ];
        Assert.Equal(expected, PackedFeed.FilesIn(feed.Find("FastRmp.Images")));
        Assert.Contains("lib/net10.0/FastRmp.Images.pdb", PackedFeed.FilesIn(feed.Find("FastRmp.Images", "snupkg")));
        string nuspec = PackedFeed.ReadText(feed.Find("FastRmp.Images"), ".nuspec");
        Assert.Equal(4, nuspec.Split("<dependency ").Length);
        Assert.Contains("<dependency id=\"Snappier\"", nuspec, StringComparison.Ordinal);
        Assert.Contains("<dependency id=\"ZstdSharp.Port\"", nuspec, StringComparison.Ordinal);
        Assert.Contains("<dependency id=\"FastRmp\" version=\"0.1.0\"", nuspec, StringComparison.Ordinal);
        Assert.Contains("<license type=\"expression\">MIT</license>", nuspec, StringComparison.Ordinal);
        Assert.Contains("<readme>README.md</readme>", nuspec, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_library_does_not_bring_its_generator_along()
    {
        ConsumerProject project = await feed.Library;
        Assert.True(Directory.Exists(Path.Combine(project.Cache, "fastrmp")));
        Assert.False(Directory.Exists(Path.Combine(project.Cache, "fastrmp.generators")));
    }

    [Fact]
    public async Task A_fresh_console_project_runs_the_generator_on_its_own_structure()
    {
        string folder = feed.NewConsumer("Generator");
        await DotNet.Run("dotnet", folder, PackedFeed.CacheOf(folder), "build", "-c", "Release", "-o", "out", "--nologo");
        string output = await DotNet.Run("dotnet", folder, PackedFeed.CacheOf(folder), Path.Combine("out", "Consumer.dll"));
        Assert.Equal("8 bytes, value 0x5a", output.Trim());
    }

    [Fact]
    public async Task The_tool_installs_from_the_feed_and_answers()
    {
        string folder = feed.NewConsumer("Tool");
        await DotNet.Run("dotnet", folder, PackedFeed.CacheOf(folder), "tool", "install", "FastRmp.Cli", "--tool-path", "bin");
        string tool = Path.Combine(folder, "bin", OperatingSystem.IsWindows() ? "fastrmp.exe" : "fastrmp");
        string output = await DotNet.Run(tool, folder, PackedFeed.CacheOf(folder), "--version");
        Assert.StartsWith("fastrmp 0.1.0", output.Trim(), StringComparison.Ordinal);
    }
}
