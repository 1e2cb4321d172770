using System;
using System.Buffers.Binary;
using System.Globalization;
using System.IO;
using System.Text;

namespace FastRmp.Cli.Tests.Host;

/// <summary>A program in place of QEMU: it writes its arguments down, prints a console and leaves the report that a plugin would
/// leave.</summary>
internal sealed class FakeQemu : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fastrmp-fake-").FullName;

    /// <summary>Writes the program.</summary>
    /// <param name="version">What it says of itself.</param>
    /// <param name="report">The report.</param>
    /// <param name="code">Its exit code.</param>
    /// <param name="writesReport">Whether it leaves one.</param>
    /// <param name="console">What it prints.</param>
    /// <param name="onTermination">"leave" to run until it is told to end, ":" to run until it is killed; null to end by itself.</param>
    internal FakeQemu(string version = "11.1.3", string report = "fastrmp: violations 0\n", int code = 0, bool writesReport = true,
        string console = "the console", string? onTermination = null)
    {
        File.WriteAllBytes(In("kernel"), BzImage("6.12.95-of-a-test"));
        File.WriteAllText(In("initrd"), "an archive");
        File.WriteAllText(In("plugin, with a comma.so"), "\u007FELF, a library");
        File.WriteAllText(In("report"), report);
        File.WriteAllText(In("console"), console + "\n");
        string write = writesReport ? $"cp '{In("report")}' \"$place\"" : ":";
        File.WriteAllText(Program, $$"""
            #!/bin/sh
            if [ "$1" = --version ]; then echo 'QEMU emulator version {{version}} (Debian)'; exit 0; fi
            printf '%s\n' "$@" > '{{In("arguments")}}'
            place=$(printf '%s\n' "$@" | sed -n 's/.*,report=\([^,]*\).*/\1/p')
            ram=$(printf '%s\n' "$@" | sed -n 's/.*mem-path=\([^,]*\).*/\1/p')
            : > "$ram"
            initrd=$(printf '%s\n' "$@" | sed -n '/^-initrd$/{n;p;}')
            if [ -n "$initrd" ]; then cp "$initrd" '{{In("given initrd")}}'; fi
            echo $$ > '{{In("pid")}}'
            leave() { {{write}}; exit {{code}}; }
            {{(onTermination is null ? "" : $"trap {onTermination} TERM")}}
            cat '{{In("console")}}'
            {{(onTermination is null ? "" : "while true; do sleep 0.01; done")}}
            {{write}}
            i=0; while [ $i -lt 20 ]; do echo "fastrmp: error $i" >&2; echo "error $((i + 1))" >&2; i=$((i + 2)); done
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

    /// <summary>Where its files are.</summary>
    internal string Folder => _folder;

    /// <summary>The initial RAM disk that it was started with.</summary>
    internal byte[] GivenInitrd => File.ReadAllBytes(In("given initrd"));

    /// <summary>What it was started with.</summary>
    internal string[] Arguments => File.ReadAllLines(In("arguments"));

    /// <summary>The process that it was.</summary>
    internal int ProcessId => int.Parse(File.ReadAllText(In("pid")), CultureInfo.InvariantCulture);

    /// <summary>The argument behind another one.</summary>
    internal string After(string name) => Arguments[Array.IndexOf(Arguments, name) + 1];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The beginning of a kernel.</summary>
    internal static byte[] BzImage(string release)
    {
        const int Text = 0x400;
        byte[] image = new byte[0x800];
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x1FE), 0xAA55);
        "HdrS"u8.CopyTo(image.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(0x20E), Text - 0x200);
        Encoding.ASCII.GetBytes($"{release} (somebody) #1 SMP").CopyTo(image, Text);
        return image;
    }

    private string In(string name) => Path.Combine(_folder, name);
}
