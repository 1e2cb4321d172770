using System;
using System.IO;

namespace FastRmp.Cli.Tests.Host;

/// <summary>A program in place of QEMU: it writes its arguments down, prints a console and leaves the report that a plugin would
/// leave.</summary>
internal sealed class FakeQemu : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fastrmp-fake-").FullName;

    internal FakeQemu(string version = "11.1.3", string report = "fastrmp: violations 0\n", int code = 0, bool writesReport = true)
    {
        File.WriteAllText(In("kernel"), "");
        File.WriteAllText(In("initrd"), "");
        File.WriteAllText(In("plugin, with a comma.so"), "");
        File.WriteAllText(In("report"), report);
        string write = writesReport ? $"cp '{In("report")}' \"$place\"" : ":";
        File.WriteAllText(Program, $$"""
            #!/bin/sh
            if [ "$1" = --version ]; then echo 'QEMU emulator version {{version}} (Debian)'; exit 0; fi
            printf '%s\n' "$@" > '{{In("arguments")}}'
            place=$(printf '%s\n' "$@" | sed -n 's/.*,report=\([^,]*\).*/\1/p')
            ram=$(printf '%s\n' "$@" | sed -n 's/.*mem-path=\([^,]*\).*/\1/p')
            : > "$ram"
            echo 'the console'
            {{write}}
            i=0; while [ $i -lt 20 ]; do echo "error $i" >&2; i=$((i + 1)); done
            exit {{code}}

            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    internal string Program => In("qemu");

    internal string Kernel => In("kernel");

    internal string Initrd => In("initrd");

    internal string Plugin => In("plugin, with a comma.so");

    /// <summary>What it was started with.</summary>
    internal string[] Arguments => File.ReadAllLines(In("arguments"));

    /// <summary>The argument behind another one.</summary>
    internal string After(string name) => Arguments[Array.IndexOf(Arguments, name) + 1];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string In(string name) => Path.Combine(_folder, name);
}
