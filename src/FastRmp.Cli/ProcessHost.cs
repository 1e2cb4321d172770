using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using FastRmp.Cli.Shell;
using Microsoft.Win32.SafeHandles;

namespace FastRmp.Cli;

/// <summary>The process around the tool: its standard streams, its terminal, its signals.</summary>
internal static class ProcessHost
{
    private const int OutputChars = 64 * 1024;
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false);
    private static readonly SafeFileHandle StandardOutput = new(1, ownsHandle: false);
    private static readonly SafeFileHandle StandardError = new(2, ownsHandle: false);

    internal static int Run(string[] args)
    {
        using CancellationTokenSource interrupt = new();
        using CancellationTokenSource insistence = new();
#pragma warning disable CA2000 // Not disposed: that would flush once more, and fail where the reader has gone. Run flushes.
        StreamWriter output = new(Open(StandardOutput, Console.OpenStandardOutput), Encoding, OutputChars);
        StreamWriter error = new(Open(StandardError, Console.OpenStandardError), Encoding) { AutoFlush = true };
#pragma warning restore CA2000
        TerminalState terminal =
            TerminalState.Detect(!Console.IsOutputRedirected, !Console.IsErrorRedirected, Environment.GetEnvironmentVariable);
        Session session = new(new Output(output), error, Console.OpenStandardInput, terminal, interrupt.Token, insistence.Token);
        using Timer deadline = new(static _ => Environment.Exit(ExitCode.Interrupted));
        int signals = 0;
        Action<PosixSignalContext> handler = signal =>
        {
            // The first one lets the command end by itself for a while. The second ends the process, or what a command that has to clear
            // up waits for: then the third ends the process.
            int count = Interlocked.Increment(ref signals);
            bool clearsUp = session.Grace > Session.UsualGrace;
            signal.Cancel = count == 1 || (count == 2 && clearsUp);
            if (!signal.Cancel) return;
            deadline.Change(count == 1 ? session.Grace : Session.UsualGrace, Timeout.InfiniteTimeSpan);
            (count == 1 ? interrupt : insistence).Cancel();
        };
        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, handler);
        using PosixSignalRegistration onTermination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, handler);
        using PosixSignalRegistration onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, handler);
        int code = Program.Run(args, session);
        deadline.Change(Timeout.Infinite, Timeout.Infinite);
        return code;
    }

    /// <summary>A stream that fails when its reader has gone, where the system has one: the console's own takes a closed pipe for success,
    /// and a long listing would be computed to its end without a reader. It also sends escape sequences to a terminal before the first
    /// byte.</summary>
    /// <remarks>A file is left to the console's stream, which shares its position with other processes.</remarks>
    private static Stream Open(SafeFileHandle handle, Func<Stream> console)
    {
        if (OperatingSystem.IsWindows()) return console();
        try
        {
#pragma warning disable CA2000 // Neither owns the handle nor has a buffer: there is nothing to give back.
            FileStream bare = new(handle, FileAccess.Write, bufferSize: 0);
#pragma warning restore CA2000
            return bare.CanSeek ? console() : bare;
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Stream.Null; // the process was started without this stream
        }
    }
}
