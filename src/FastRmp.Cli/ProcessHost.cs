using System;
using System.IO;
using System.Text;
using System.Threading;
using FastRmp.Cli.Shell;
using Microsoft.Win32.SafeHandles;

namespace FastRmp.Cli;

/// <summary>The process around the tool: its standard streams, its terminal, its signals.</summary>
internal static class ProcessHost
{
    private const int OutputChars = 64 * 1024;
    private const int GraceMilliseconds = 1000;

    private static readonly SafeFileHandle StandardOutput = new(1, ownsHandle: false);

    internal static int Run(string[] args)
    {
        using CancellationTokenSource interrupt = new();
        using Timer deadline = new(static _ => Environment.Exit(ExitCode.Interrupted));
        Console.CancelKeyPress += (_, e) =>
        {
            // The first ^C lets the command end by itself for a moment, the second ends the process.
            e.Cancel = !interrupt.IsCancellationRequested;
            interrupt.Cancel();
            deadline.Change(GraceMilliseconds, Timeout.Infinite);
        };

#pragma warning disable CA2000 // Not disposed: that would flush once more, and fail where the reader has gone. Run flushes.
        StreamWriter output = new(OpenOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), OutputChars);
#pragma warning restore CA2000
        Session session = new(new Output(output), Console.Error, Console.OpenStandardInput, Terminal(), interrupt.Token);
        int code = Program.Run(args, session);
        deadline.Change(Timeout.Infinite, Timeout.Infinite);
        return code;
    }

    private static TerminalState Terminal()
    {
        bool isOutput = !Console.IsOutputRedirected;
        bool isError = !Console.IsErrorRedirected;
        return TerminalState.Detect(isOutput, isError, isOutput || isError ? Console.BufferWidth : 0, Environment.GetEnvironmentVariable);
    }

    /// <summary>The console's own stream takes a closed pipe for success, and a long listing would be computed to its end for nobody; a bare pipe fails at once.</summary>
    /// <remarks>A file is left to the console's stream, which shares its position with other processes.</remarks>
    private static Stream OpenOutput()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected) return Console.OpenStandardOutput();
        FileStream pipe = new(StandardOutput, FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }
}
