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
    /// <param name="errors">The last lines of its standard error.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="IOException">The program cannot be started.</exception>
    internal static int Run(Session session, string program, IReadOnlyList<string> arguments, out IReadOnlyCollection<string> errors)
    {
        using Process process = Start(program, arguments);
        using IDisposable interruption = session.Cancellation.Register(process.Kill);
        Queue<string> last = [];
        Task reader = Task.Run(() => Keep(session, process.StandardError, last));
        byte[] buffer = new byte[Chunk];
        for (int read; (read = process.StandardOutput.BaseStream.Read(buffer)) > 0;)
        {
            session.Output.WriteUtf8(buffer.AsSpan(0, read));
            session.Output.Flush();
        }

        process.WaitForExit();
        reader.Wait();
        session.Cancellation.ThrowIfCancellationRequested();
        errors = last;
        return process.ExitCode;
    }

    /// <summary>What it prints about its version.</summary>
    /// <exception cref="IOException">The program cannot be started.</exception>
    internal static string Version(string program)
    {
        using Process process = Start(program, ["--version"]);
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return text;
    }

    private static Process Start(string program, IReadOnlyList<string> arguments)
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
