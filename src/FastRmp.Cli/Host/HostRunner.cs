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
    private static readonly Version OldestQemu = new(11, 1);

    internal static int Run(Session session, HostOptions options)
    {
        string plugin = options.Plugin ?? Path.Combine(AppContext.BaseDirectory, PluginName);
        foreach (string? file in (string?[])[options.Kernel, options.Initrd, options.Plugin])
        {
            if (file is not null && !File.Exists(file)) return Refuse(session, $"{file}: there is no such file");
        }

        if (!File.Exists(plugin))
        {
            return Refuse(
                session, $"there is no {PluginName} beside the tool; --plugin names it, and docs/qemu.md says how to make it");
        }

        string? qemu = options.Qemu ?? InPath();
        if (qemu is null) return Refuse(session, $"there is no {DefaultQemu} in PATH: --qemu names it; docs/qemu.md says where to get one");
        Match version = QemuVersion().Match(QemuProcess.Version(qemu));
        if (!version.Success) return Refuse(session, $"{qemu} is not QEMU: it does not say its version");
        if (Version.Parse(version.Groups["version"].ValueSpan) < OldestQemu)
        {
            return Refuse(
                session,
                $"{qemu} is QEMU {version.Groups["version"]}, and the plugin needs {OldestQemu}; docs/qemu.md says where to get one");
        }

        return Run(session, options, qemu, plugin);
    }

    private static int Run(Session session, HostOptions options, string qemu, string plugin)
    {
        string folder = Directory.CreateTempSubdirectory("fastrmp-host-").FullName;
        string ram = Path.Combine(Directory.Exists(SharedMemory) ? SharedMemory : folder, $"{Path.GetFileName(folder)}.ram");
        string report = Path.Combine(folder, "report");
        try
        {
            IReadOnlyList<string> arguments = QemuArguments.Of(options, plugin, ram, report);
            session.Detail($"{qemu} {string.Join(' ', arguments)}");
            int code = QemuProcess.Run(session, qemu, arguments, out IReadOnlyCollection<string> errors);
            if (code != 0)
            {
                foreach (string line in errors) session.Error(line);
                return Refuse(session, $"{qemu} ended with exit code {code}");
            }

            if (!File.Exists(report)) return Refuse(session, "the plugin wrote no report: QEMU did not use it");
            string text = File.ReadAllText(report);
            session.Output.Write(text);
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

    private static int Refuse(Session session, string problem)
    {
        session.Error(problem);
        return ExitCode.BadInput;
    }

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
