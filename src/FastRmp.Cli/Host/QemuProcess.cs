using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Host;

/// <summary>QEMU as a process: its input is the tool's, its output goes through, of its errors the last lines are kept.</summary>
internal static class QemuProcess
{
    private const int KeptLines = 10;
    private const int Chunk = 4096;

    /// <summary>Runs it to its end.</summary>
    /// <param name="session">The outputs; an interruption ends QEMU.</param>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="console">Receives what it prints, too.</param>
    /// <param name="errors">The last lines of its standard error.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="IOException">The program cannot be started.</exception>
    internal static int Run(
        Session session, string program, IReadOnlyList<string> arguments, Stream console, out IReadOnlyCollection<string> errors)
    {
        using Process process = ChildProcess.Start(program, arguments);
        using IDisposable interruption = session.Cancellation.Register(process.Kill);
        Queue<string> last = [];
        Task reader = Task.Run(() => Keep(session, process.StandardError, last));
        byte[] buffer = new byte[Chunk];
        for (int read; (read = process.StandardOutput.BaseStream.Read(buffer)) > 0;)
        {
            session.Output.WriteUtf8(buffer.AsSpan(0, read));
            session.Output.Flush();
            console.Write(buffer, 0, read);
        }

        process.WaitForExit();
        reader.Wait();
        session.Cancellation.ThrowIfCancellationRequested();
        errors = last;
        return process.ExitCode;
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
