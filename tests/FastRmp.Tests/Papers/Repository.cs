using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;

namespace FastRmp.Tests.Papers;

/// <summary>The files of the repository, as they stand beside the tests that were built from them.</summary>
internal static class Repository
{
    private static readonly string[] Folders = ["src", "generators", "tests", "benchmarks", "docs"];

    public static string Root { get; } = typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "RepositoryRoot").Value!;

    /// <summary>The text of a file.</summary>
    /// <param name="path">The path below the root, with slashes.</param>
    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path)).ReplaceLineEndings("\n");

    /// <summary>Paths below the root of all files with an extension, without those that a build made.</summary>
    /// <param name="extension">The extension with its dot.</param>
    /// <param name="folder">The folder; null for all.</param>
    public static IEnumerable<string> Files(string extension, string? folder = null)
    {
        IEnumerable<string> found = folder is null
            ? Folders.SelectMany(name => Under(name, extension)).Concat(Directory.EnumerateFiles(Root, "*" + extension))
            : Under(folder, extension);
        return found.Select(static path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Under(string folder, string extension) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*" + extension, SearchOption.AllDirectories)
            .Where(static path => !IsBuilt(path));

    private static bool IsBuilt(string path)
    {
        string[] parts = Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar);
        return parts.Contains("obj") || parts.Contains("bin");
    }
}
