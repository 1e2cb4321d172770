using System.Linq;
using System.Reflection;

namespace FastRmp.Benchmarks.Native;

/// <summary>Folders that the build wrote into the assembly, because BenchmarkDotNet's own program runs elsewhere.</summary>
internal static class BuildFacts
{
    /// <summary>Where the build put the C baselines.</summary>
    internal static string NativeLibrary => Value("NativeLibrary");

    /// <summary>The folder of this project, with baseline.json.</summary>
    internal static string ProjectFolder => Value("ProjectFolder");

    /// <summary>Where reports go.</summary>
    internal static string ResultsFolder => Value("ResultsFolder");

    private static string Value(string key) =>
        typeof(BuildFacts).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value ?? string.Empty;
}
