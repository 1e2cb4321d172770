using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Threading.Tasks;

namespace FastRmp.Cli.Host;

/// <summary>Other programs.</summary>
internal static partial class ChildProcess
{
    private const int Termination = 15; // SIGTERM

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

    /// <summary>Asks a program to end, by SIGTERM.</summary>
    /// <returns>False if it cannot be asked.</returns>
    internal static bool TryTerminate(Process process)
    {
        try
        {
            return !OperatingSystem.IsWindows() && !process.HasExited && Signal(process.Id, Termination) == 0;
        }
        catch (InvalidOperationException)
        {
            return true; // it ends just now
        }
    }

    /// <summary>Ends a program and what it has started, whatever they do.</summary>
    internal static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception or AggregateException)
        {
            // it ends just now
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);
}
