using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace FastRmp.Native.Tests.Support;

/// <summary>Compilers and what they compile.</summary>
internal static class Programs
{
    /// <summary>How C is compiled here: as the header promises.</summary>
    internal static readonly string[] StrictC = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-Wpedantic"];

    /// <summary>How C++ is compiled here.</summary>
    internal static readonly string[] StrictCpp = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", "-Wpedantic"];

    /// <summary>Runs a program to its end.</summary>
    internal static Task<(int Code, string Output)> Run(string program, byte[]? input, params string[] arguments) =>
        Run(program, input, Published.Folder, arguments);

    /// <summary>Runs a program that has to succeed, and has to find the library by itself.</summary>
    internal static async Task<string> SucceedAlone(string program, params string[] arguments)
    {
        (int code, string output) = await Run(program, null, libraries: null, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{output}");
        return output;
    }

    private static async Task<(int Code, string Output)> Run(string program, byte[]? input, string? libraries, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (libraries is not null)
        {
            start.Environment["LD_LIBRARY_PATH"] = libraries;
            start.Environment["PKG_CONFIG_PATH"] = libraries;
        }

        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(input ?? []);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // it ended without reading everything
        }

        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Runs a program that has to succeed.</summary>
    internal static async Task<string> Succeed(string program, params string[] arguments)
    {
        (int code, string output) = await Run(program, null, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{output}");
        return output;
    }

    /// <summary>Compiles one of the tests' own C programs against the shared library.</summary>
    internal static Task<string> Compile(string name, TemporaryFolder folder, params string[] further) =>
        CompileFile(Path.Combine(AppContext.BaseDirectory, "Programs", name), folder, further);

    /// <summary>Compiles and runs a C program that is given as text.</summary>
    internal static async Task<string> RunText(string text)
    {
        _ = Published.Folder;
        using TemporaryFolder folder = new();
        string source = folder.File("program.c");
        await File.WriteAllTextAsync(source, text, TestContext.Current.CancellationToken);
        return await Succeed(await CompileFile(source, folder));
    }

    /// <summary>Compiles a C program against the shared library.</summary>
    internal static async Task<string> CompileFile(string source, TemporaryFolder folder, params string[] further)
    {
        Published.Need("cc");
        string program = folder.File(Path.GetFileNameWithoutExtension(source));
        await Succeed(
            "cc",
            [
                .. StrictC, $"-I{Published.Folder}", .. further, source, "-o", program, $"-L{Published.Folder}", "-lfastrmp", "-lpthread",
            ]);
        return program;
    }
}
