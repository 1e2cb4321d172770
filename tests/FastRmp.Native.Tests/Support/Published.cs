using System;
using System.IO;
using System.Linq;
using Xunit;

namespace FastRmp.Native.Tests.Support;

/// <summary>What <c>dotnet publish src/FastRmp.Native -c Release -r linux-x64</c> gave. The gate publishes and names the folder.</summary>
internal static class Published
{
    /// <summary>The variable with the folder.</summary>
    internal const string Variable = "FASTRMP_NATIVE";

    private static readonly string? Named = Environment.GetEnvironmentVariable(Variable);

    /// <summary>The folder; without one the test is skipped.</summary>
    internal static string Folder
    {
        get
        {
            Assert.SkipWhen(
                string.IsNullOrEmpty(Named),
                $"{Variable} names no folder: dotnet publish src/FastRmp.Native -c Release -r linux-x64 -o FOLDER makes one.");
            return Path.GetFullPath(Named!);
        }
    }

    /// <summary>The shared library.</summary>
    internal static string Library => Path.Combine(Folder, "libfastrmp.so");

    /// <summary>Whether a program is there.</summary>
    internal static bool Has(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Skips the test if a program is missing.</summary>
    internal static void Need(string program) => Assert.SkipUnless(Has(program), $"There is no {program} here.");
}
