using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Host;

/// <summary><c>fastrmp host</c>: finds QEMU and the plugin, runs the machine, tells what happened.</summary>
internal static partial class HostRunner
{
    private const string DefaultQemu = "qemu-system-x86_64";
    private const string PluginName = "fastrmp-qemu.so";
    private const string SharedMemory = "/dev/shm";
    private const string Prefix = "fastrmp: "; // of the plugin's own lines, as of the tool's
    private const int OutOfRoom = 128 + 7; // SIGBUS: a page of a file that the disk has no room for
    private static readonly Version OldestQemu = new(11, 1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10); // a large machine's RMP takes a second or two
    private static readonly TimeSpan TimeForReport = TimeSpan.FromSeconds(20);

    private static ReadOnlySpan<byte> SharedObject => "\u007FELF"u8;

    internal static int Run(Session session, HostOptions options) => TryPrepare(session, options, out string qemu, out string plugin)
        ? Run(session, options, qemu, plugin)
        : ExitCode.BadInput;

    /// <summary>Looks at what the machine needs: first the user's files, then the plugin and QEMU.</summary>
    /// <returns>False if something is missing, which was told.</returns>
    internal static bool TryPrepare(Session session, HostOptions options, out string qemu, out string plugin)
    {
        plugin = options.Plugin ?? Path.Combine(AppContext.BaseDirectory, PluginName);
        string? problem = MachineFiles.Problem(options);
        byte[] start = new byte[SharedObject.Length];
        if (problem is null && InputFile.Read(plugin, start, out _) is { } wrong)
        {
            problem = options.Plugin is null
                ? $"there is no {PluginName} beside the tool; --plugin names it, and docs/qemu.md says how to make it"
                : $"--plugin: {plugin} {wrong}";
        }
        else if (problem is null && !start.AsSpan().SequenceEqual(SharedObject))
        {
            problem = $"--plugin: {plugin} is no shared library";
        }

        qemu = problem is null ? options.Qemu ?? InPath() ?? "" : "";
        problem ??= qemu.Length == 0
            ? $"there is no {DefaultQemu} in PATH: --qemu names it; docs/qemu.md says where to get one"
            : QemuProblem(qemu);
        if (problem is not null) session.Error(problem);
        return problem is null;
    }

    /// <summary>Runs a machine for which all is there.</summary>
    internal static int Run(Session session, HostOptions options, string qemu, string plugin)
    {
        string folder = Directory.CreateTempSubdirectory("fastrmp-host-").FullName;
        string ram = Path.Combine(HasRoom(SharedMemory, options.Memory) ? SharedMemory : folder, $"{Path.GetFileName(folder)}.ram");
        string report = Path.Combine(folder, "report");
        string console = Path.Combine(folder, "console");
        try
        {
            IReadOnlyList<string> arguments = QemuArguments.Of(options, plugin, ram, report);
            session.Detail($"{qemu} {string.Join(' ', arguments)}");
            int code;
            IReadOnlyCollection<string> errors;
            session.Grace = Patience + TimeForReport;
            using (FileStream copy = File.Create(console)) code = QemuProcess.Run(session, qemu, arguments, Patience, copy, out errors);
            bool wasInterrupted = session.Cancellation.IsCancellationRequested;
            if (wasInterrupted && !File.Exists(report))
            {
                session.Remark("the machine did not end by itself: there is no report");
                return ExitCode.Interrupted;
            }

            if (code != 0 && !wasInterrupted)
            {
                foreach (string line in errors)
                {
                    session.Error(line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..] : line);
                }

                string cause = code == OutOfRoom ? $": {Path.GetDirectoryName(ram)} may have no room for the machine's RAM" : "";
                return Refuse(session, $"{qemu} ended with exit code {code}{cause}");
            }

            if (!File.Exists(report)) return Refuse(session, "the plugin wrote no report: QEMU did not use it");
            string text = File.ReadAllText(report);
            session.Output.Write(text);
            HostStories.Write(session, text, console);
            if (wasInterrupted) return ExitCode.Interrupted;
            Match violations = Violations().Match(text);
            return violations.Success && long.Parse(violations.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) != 0
                ? ExitCode.Found
                : ExitCode.Done;
        }
        finally
        {
            File.Delete(ram);
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static int Refuse(Session session, string problem)
    {
        session.Error(problem);
        return ExitCode.BadInput;
    }

    private static string? QemuProblem(string qemu)
    {
        if (qemu.Contains(Path.DirectorySeparatorChar) && !File.Exists(qemu)) return $"--qemu: there is no file {qemu}";
        string text;
        try
        {
            _ = ChildProcess.Run(qemu, ["--version"], out text, out _);
        }
        catch (IOException failure)
        {
            return $"--qemu: {failure.Message}";
        }

        Match version = QemuVersion().Match(text);
        if (!version.Success) return $"--qemu: {qemu} is not QEMU: it does not say its version";
        return Version.Parse(version.Groups["version"].ValueSpan) < OldestQemu
            ? $"{qemu} is QEMU {version.Groups["version"]}, and the plugin needs {OldestQemu}; docs/qemu.md says where to get one"
            : null;
    }

    /// <summary>Whether memory-backed files may take all of the machine's RAM: in containers they often may not.</summary>
    private static bool HasRoom(string folder, ulong bytes) =>
        Directory.Exists(folder) && (ulong)new DriveInfo(folder).AvailableFreeSpace >= bytes;

    private static string? InPath()
    {
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            string file = Path.Combine(folder, DefaultQemu);
            if (folder.Length != 0 && File.Exists(file)) return file;
        }

        return null;
    }

    [GeneratedRegex(@"^QEMU emulator version (?<version>[0-9]{1,4}\.[0-9]{1,4})")]
    private static partial Regex QemuVersion();

    /// <summary>A line of the plugin's report.</summary>
    [GeneratedRegex(@"^fastrmp: violations (?<count>[0-9]{1,18})$", RegexOptions.Multiline)]
    private static partial Regex Violations();
}
