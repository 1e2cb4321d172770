using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;

namespace FastRmp.Cli.Host;

/// <summary>Other programs.</summary>
internal static class ChildProcess
{
    /// <summary>Starts a program; its outputs are the caller's to read.</summary>
    /// <exception cref="IOException">The program cannot be started.</exception>
    internal static Process Start(string program, IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        try
        {
            return Process.Start(start) ?? throw new IOException($"{program}: it does not start");
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new IOException($"{program}: {failure.Message}", failure);
        }
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="output">What it printed.</param>
    /// <param name="errors">What it printed to standard error.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="IOException">The program cannot be started.</exception>
    internal static int Run(string program, IReadOnlyList<string> arguments, out string output, out string errors)
    {
        using Process process = Start(program, arguments);
        Task<string> reader = process.StandardError.ReadToEndAsync();
        output = process.StandardOutput.ReadToEnd();
        errors = reader.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode;
    }
}
