using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

[assembly: AssemblyFixture(typeof(FastRmp.PackageTests.PackedFeed))]

namespace FastRmp.PackageTests;

/// <summary>
/// The packages of this build in a folder feed; each consumer has a package cache of its own, so that nothing of an earlier build can
/// answer for them.
/// </summary>
public sealed class PackedFeed : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("fastrmp-packages-").FullName;

    private readonly Lazy<Task<ConsumerProject>> _library;
    private readonly Lazy<Task<ConsumerProject>> _images;

    public PackedFeed()
    {
        _library = new(() => ConsumerProject.Restore(NewConsumer("Library")));
        _images = new(() => ConsumerProject.Restore(NewConsumer("Images")));
    }

    internal string Feed => Path.Combine(_root, "feed");

    /// <summary>A console project that has installed FastRmp.</summary>
    internal Task<ConsumerProject> Library => _library.Value;

    /// <summary>A console project that has installed FastRmp.Images.</summary>
    internal Task<ConsumerProject> Images => _images.Value;

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Feed);
        // The build's own cache: packing restores nothing new.
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        // What FastRmp.Images depends on comes from the folder, too: consumers have no other source.
        foreach (string dependency in (string[])["snappier", "zstdsharp.port"])
        {
            foreach (string package in Directory.GetFiles(Path.Combine(cache, dependency), "*.nupkg", SearchOption.AllDirectories))
            {
                File.Copy(package, Path.Combine(Feed, Path.GetFileName(package)));
            }
        }

        foreach (string project in (string[])["src/FastRmp", "src/FastRmp.Images", "generators/FastRmp.Generators", "src/FastRmp.Cli"])
        {
            await DotNet.Run(
                "dotnet", DotNet.RepositoryRoot, cache, "pack", project, "-c", DotNet.Configuration, "--no-build", "-o", Feed, "--nologo");
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A copy of a consumer project in a folder of its own, whose only package source is the feed.</summary>
    internal string NewConsumer(string name)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_root, name + "-" + Guid.NewGuid().ToString("N"))).FullName;
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Consumer", name)))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file).Replace(".txt", string.Empty, StringComparison.Ordinal)));
        }

        File.WriteAllText(Path.Combine(folder, "NuGet.Config"), $"""
            <configuration>
              <packageSources><clear /><add key="folder" value="{Feed}" /></packageSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);
        return folder;
    }

    /// <summary>The package cache of one consumer: what another one restored does not count.</summary>
    internal static string CacheOf(string consumer) => Path.Combine(consumer, "cache");

    /// <summary>The one package of that identity; symbols and other packages that share its beginning are not it.</summary>
    internal string Find(string id, string extension = "nupkg") => Directory.GetFiles(Feed, $"{id}.*.{extension}")
        .Single(file => char.IsAsciiDigit(Path.GetFileName(file)[id.Length + 1]));

    /// <summary>The names of the files in a package, without the packaging's own parts.</summary>
    internal static string[] FilesIn(string package)
    {
        using ZipArchive archive = ZipFile.OpenRead(package);
        return [.. archive.Entries.Select(entry => entry.FullName)
            .Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal)
                && !name.StartsWith("package/", StringComparison.Ordinal)
                && name != "[Content_Types].xml")
            .Order(StringComparer.Ordinal)];
    }

    internal static string ReadText(string package, string suffix)
    {
        using ZipArchive archive = ZipFile.OpenRead(package);
        using StreamReader reader = new(archive.Entries.Single(entry => entry.FullName.EndsWith(suffix, StringComparison.Ordinal)).Open());
        return reader.ReadToEnd();
    }
}
