using System;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace FastRmp.PackageTests;

public sealed class PackedPackageTests(PackedFeed feed) : IClassFixture<PackedFeed>
{
    [Fact]
    public void The_library_package_holds_exactly_the_expected_files()
    {
        string[] expected = ["CHANGELOG.md", "FastRmp.nuspec", "LICENSE", "README.md", "icon.png", "lib/net10.0/FastRmp.dll", "lib/net10.0/FastRmp.xml"];
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
    public async Task A_fresh_console_project_installs_builds_and_runs_the_library()
    {
        string folder = feed.NewConsumer("Library");
        await DotNet.Run("dotnet", folder, PackedFeed.CacheOf(folder), "build", "-c", "Release", "-o", "out", "--nologo");
        string output = await DotNet.Run("dotnet", folder, PackedFeed.CacheOf(folder), Path.Combine("out", "Consumer.dll"));
        Assert.Equal("write beside the guest's page: RmpViolation 0x80000003", output.Trim());
        Assert.False(Directory.Exists(Path.Combine(PackedFeed.CacheOf(folder), "fastrmp.generators")), "The library must not bring its generator along.");
    }

    [Fact]
    public async Task The_readmes_example_compiles_when_pasted_into_a_fresh_console_project()
    {
        string folder = feed.NewConsumer("Library");
        string readme = await File.ReadAllTextAsync(Path.Combine(DotNet.RepositoryRoot, "README.md"));
        const string Begin = "```csharp\n";
        int start = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        string example = readme[start..readme.IndexOf("\n```", start, StringComparison.Ordinal)];
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), example + "\nSystem.Console.WriteLine(again.Status);\n");
        await DotNet.Run("dotnet", folder, PackedFeed.CacheOf(folder), "build", "-c", "Release", "-o", "out", "--nologo");
        Assert.Equal("Mapped", (await DotNet.Run("dotnet", folder, PackedFeed.CacheOf(folder), Path.Combine("out", "Consumer.dll"))).Trim());
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
        string output = await DotNet.Run(Path.Combine(folder, "bin", OperatingSystem.IsWindows() ? "fastrmp.exe" : "fastrmp"), folder, PackedFeed.CacheOf(folder), "--version");
        Assert.StartsWith("fastrmp 0.1.0", output.Trim(), StringComparison.Ordinal);
    }
}
