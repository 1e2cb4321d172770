using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;

namespace FastRmp.PackageTests;

/// <summary>
/// A stranger's console project: restored once, then one program after the other is built and run in it. How long that takes is printed.
/// </summary>
internal sealed class ConsumerProject
{
    private ConsumerProject(string folder) => Folder = folder;

    /// <summary>The project's folder, in which its programs run.</summary>
    internal string Folder { get; }

    /// <summary>The project's own package cache.</summary>
    internal string Cache => PackedFeed.CacheOf(Folder);

    /// <summary>Installs the packages that a project names.</summary>
    /// <param name="folder">The project, without anything built.</param>
    internal static async Task<ConsumerProject> Restore(string folder)
    {
        ConsumerProject project = new(folder);
        Stopwatch watch = Stopwatch.StartNew();
        await DotNet.Run("dotnet", folder, project.Cache, "restore", "--nologo");
        Print($"{Path.GetFileName(folder)[..^33]}: restored in {watch.Elapsed.TotalSeconds:f1} s");
        return project;
    }

    /// <summary>Writes a program's source, builds and runs it.</summary>
    internal async Task<string> Run(string program, string source)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, program + ".cs"), source);
        return await Run(program);
    }

    /// <summary>Builds and runs a program whose source is in the folder.</summary>
    /// <returns>What it printed, without the last line's end.</returns>
    internal async Task<string> Run(string program)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string output = Path.Combine("out", program);
        await DotNet.Run(
            "dotnet", Folder, Cache, "build", "-c", "Release", "--no-restore", "-o", output, "--nologo", $"-p:Program={program}");
        double built = watch.Elapsed.TotalSeconds;
        string printed = await DotNet.Run("dotnet", Folder, Cache, Path.Combine(output, "Consumer.dll"));
        Print($"{program}: built in {built:f1} s, ran in {watch.Elapsed.TotalSeconds - built:f1} s");
        return printed.TrimEnd();
    }

    private static void Print(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
