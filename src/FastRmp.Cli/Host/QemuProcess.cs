using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Host;

/// <summary>QEMU as a process: its input is the tool's, its output goes through, of its errors the last lines are kept.</summary>
internal static class QemuProcess
{
    private const int KeptLines = 10;
    private const int Chunk = 4096;

    /// <summary>Runs it to its end.</summary>
    /// <param name="session">The outputs. An interruption asks QEMU to end, which it does with all that belongs to it, such as the
    /// plugin's report; another one kills it.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="patience">How long it may take to end when it is asked to; then it is killed.</param>
    /// <param name="console">Receives what it prints, too.</param>
    /// <param name="errors">The last lines of its standard error.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="IOException">The program cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The user interrupted before it was started.</exception>
    internal static int Run(
        Session session, string program, IReadOnlyList<string> arguments, TimeSpan patience, Stream console,
        out IReadOnlyCollection<string> errors)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        byte[]? modes = TerminalModes.Read();
        using Process process = ChildProcess.Start(program, arguments);
        using Timer deadline = new(_ => ChildProcess.Kill(process));
        using IDisposable interruption = session.Cancellation.Register(() =>
        {
            session.Remark("interrupted: the machine is told to end, for its report; once more kills it");
            deadline.Change(ChildProcess.TryTerminate(process) ? patience : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        });
        using IDisposable insistence = session.Insistence.Register(() => ChildProcess.Kill(process));
        Queue<string> last = [];
        Task reader = Task.Run(() => Keep(session, process.StandardError, last));
        byte[] buffer = new byte[Chunk];
        try
        {
            for (int read; (read = process.StandardOutput.BaseStream.Read(buffer)) > 0;)
            {
                session.Output.WriteUtf8(buffer.AsSpan(0, read));
                session.Output.Flush();
                console.Write(buffer, 0, read);
            }

            process.WaitForExit();
            reader.Wait();
            errors = last;
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited) // nobody reads the console any more, or a disk is full
            {
                ChildProcess.Kill(process);
                process.WaitForExit();
            }

            TerminalModes.Restore(modes);
        }
    }

    private static void Keep(Session session, StreamReader reader, Queue<string> last)
    {
        while (reader.ReadLine() is { } line)
        {
            session.Detail(line);
            if (last.Count == KeptLines) last.Dequeue();
            last.Enqueue(line);
        }
    }
}
