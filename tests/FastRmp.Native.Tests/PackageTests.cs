using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using FastRmp.Native.Tests.Support;
using Xunit;

namespace FastRmp.Native.Tests;

/// <summary>What <c>dotnet pack src/FastRmp.Native</c> gave, installed and unpacked as a user does.</summary>
public sealed class PackageTests
{
    private const string Variable = "FASTRMP_NATIVE_FEED";

    private static readonly string? Named = Environment.GetEnvironmentVariable(Variable);

    /// <summary>The folder with package and tar; without one the test is skipped.</summary>
    private static string Feed
    {
        get
        {
            Assert.SkipWhen(
                string.IsNullOrEmpty(Named),
                $"{Variable} names no folder: dotnet pack src/FastRmp.Native -c Release -o FOLDER makes one.");
            return Path.GetFullPath(Named!);
        }
    }

    [Fact]
    public async Task A_dotnet_program_and_a_c_program_use_the_installed_package()
    {
        string feed = Feed;
        using TemporaryFolder folder = new();
        foreach (string name in (string[])["Consumer.csproj", "Consumer.cs"])
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Programs", name + ".txt"), folder.File(name));
        }

        await File.WriteAllTextAsync(
            folder.File("NuGet.Config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="folder" value="{feed}" /></packageSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
              <config><add key="globalPackagesFolder" value="{folder.File("cache")}" /></config>
            </configuration>
            """,
            TestContext.Current.CancellationToken);
        string output = folder.File("out");
        await Programs.Succeed(
            "dotnet", "build", folder.File("Consumer.csproj"), "-c", "Release", "-o", output, "--nologo", "-v", "q", "-nodeReuse:false",
            $"-p:RestorePackagesPath={folder.File("cache")}");
        string printed = await Programs.SucceedAlone("dotnet", Path.Combine(output, "Consumer.dll"));
        Assert.Equal(
            "init 0, table 0\nbefore 0x0\nRMPUPDATE 0\nafter 0x80000003\nan exception is still one\n", printed);

        string package = Directory.GetDirectories(Path.Combine(folder.File("cache"), "fastrmp.native")).Single();
        Published.Need("cc");
        string libraries = Path.Combine(package, "runtimes/linux-x64/native");
        string program = folder.File("store");
        await Programs.Succeed(
            "cc",
            [
                .. Programs.StrictC, $"-I{Path.Combine(package, "native/include")}", Path.Combine(Places.Examples, "store.c"), "-o",
                program, $"-L{libraries}", "-lfastrmp", $"-Wl,-rpath,{libraries}",
            ]);
        Assert.StartsWith("store before: passes\n", await Programs.SucceedAlone(program), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fastrmp")]
    [InlineData("fastrmp-static")]
    public async Task The_tar_serves_any_prefix(string module)
    {
        string feed = Feed;
        Published.Need("cc");
        Published.Need("pkg-config");
        Published.Need("tar");
        using TemporaryFolder folder = new();
        string archive = Directory.GetFiles(feed, "fastrmp-*-linux-x64.tar.gz").Single();
        Directory.CreateDirectory(folder.File("prefix"));
        await Programs.Succeed("tar", "-xzf", archive, "-C", folder.File("prefix"), "--strip-components=1");
        string pc = Path.Combine(folder.File("prefix"), "lib/pkgconfig");
        string flags = await Programs.SucceedAlone("pkg-config", $"--with-path={pc}", "--cflags", "--libs", module);
        Assert.Contains(folder.File("prefix"), flags, StringComparison.Ordinal);
        string example = Path.Combine(folder.File("prefix"), "share/doc/fastrmp/examples/store.c");
        string program = folder.File("store");
        await Programs.Succeed(
            "cc",
            [
                .. Programs.StrictC, example, "-o", program, .. flags.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
                $"-Wl,-rpath,{Path.Combine(folder.File("prefix"), "lib")}",
            ]);
        Assert.StartsWith("store before: passes\n", await Programs.SucceedAlone(program), StringComparison.Ordinal);
    }
}
