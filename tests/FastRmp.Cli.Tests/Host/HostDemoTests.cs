using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using FastRmp.Cli.Host;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Host;

public sealed class HostDemoTests
{
    private const string Release = "6.12.95-of-a-test";
    private static readonly string[] Modules = ["ccp.ko.xz", "irqbypass.ko", "kvm.ko.xz", "kvm-amd.ko.xz"];

    [Fact]
    public void The_first_process_is_compiled_and_booted_with_checks()
    {
        using FakeQemu qemu = new();
        string trace = Path.Combine(qemu.Folder, "trace");
        ToolResult result = Demo(qemu, qemu.Kernel, "--trace", trace, "--append", "quiet");
        Assert.Equal(0, result.Code);
        Assert.StartsWith($"An SNP host without SNP hardware: {qemu.Kernel}, as on a milan.", result.Output, StringComparison.Ordinal);
        Assert.Contains("\nthe console\nfastrmp: violations 0\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("so that no guest is launched", result.Error, StringComparison.Ordinal);
        Assert.Contains(",check=report", qemu.After("-plugin"), StringComparison.Ordinal);
        Assert.Contains($",trace={trace}", qemu.After("-plugin"), StringComparison.Ordinal);
        Assert.EndsWith(" panic=-1 quiet", qemu.After("-append"), StringComparison.Ordinal);
        Dictionary<string, byte[]> files = Unpack(qemu.GivenInitrd);
        Assert.Equal(["dev", "init", "job", "modules", "proc", "sys"], files.Keys.Order(StringComparer.Ordinal));
        Assert.True(files["init"].AsSpan().StartsWith("\u007FELF"u8));
        Assert.Equal("sleep 1000\nsleep 200\n", Encoding.ASCII.GetString(files["job"]));
    }

    [Theory]
    [InlineData("boot/vmlinuz-" + Release, "lib/modules")]
    [InlineData("boot/vmlinuz-" + Release, "usr/lib/modules")]
    [InlineData("usr/lib/modules/" + Release + "/vmlinuz", "usr/lib/modules")]
    public void Modules_beside_the_kernel_launch_a_guest(string place, string modules)
    {
        using FakeQemu qemu = new();
        string kernel = Install(qemu, place, modules);
        Assert.Equal(0, Demo(qemu, kernel).Code);
        Dictionary<string, byte[]> files = Unpack(qemu.GivenInitrd);
        foreach (string module in Modules) Assert.Equal(module, Encoding.ASCII.GetString(files[$"modules/{module}"]));
        string job = Encoding.ASCII.GetString(files["job"]);
        Assert.StartsWith(
            "module /modules/ccp.ko.xz\nmodule /modules/irqbypass.ko\nmodule /modules/kvm.ko.xz\nmodule /modules/kvm-amd.ko.xz\n", job,
            StringComparison.Ordinal);
        Assert.Contains("\nlaunch 16\n", job, StringComparison.Ordinal);
        Assert.DoesNotContain("rmp_probe", job, StringComparison.Ordinal); // no headers
    }

    [Fact]
    public void A_module_for_the_kernel_is_built_where_the_kernel_says_how()
    {
        using FakeQemu qemu = new();
        string kernel = Install(qemu, "boot/vmlinuz-" + Release, "lib/modules");
        string build = Directory.CreateDirectory(Path.Combine(qemu.Folder, "lib/modules", Release, "build")).FullName;
        File.WriteAllText(Path.Combine(build, "Makefile"), "modules:\n\tcp $(M)/rmp_probe.c $(M)/rmp_probe.ko\n");
        Assert.Equal(0, Demo(qemu, kernel).Code);
        Dictionary<string, byte[]> files = Unpack(qemu.GivenInitrd);
        Assert.Contains("module_init(start)", Encoding.UTF8.GetString(files["modules/rmp_probe.ko"]), StringComparison.Ordinal);
        Assert.Contains("\ntell /proc/rmp_probe plant 3\n", Encoding.ASCII.GetString(files["job"]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_is_not_built_is_left_out()
    {
        using FakeQemu qemu = new();
        string kernel = Install(qemu, "boot/vmlinuz-" + Release, "lib/modules");
        string build = Directory.CreateDirectory(Path.Combine(qemu.Folder, "lib/modules", Release, "build")).FullName;
        File.WriteAllText(Path.Combine(build, "Makefile"), "modules:\n\tfalse\n");
        ToolResult result = Demo(qemu, kernel).SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.Contains("the module that asks the kernel's own functions was not built: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("modules/rmp_probe.ko", Unpack(qemu.GivenInitrd).Keys);
    }

    [Fact]
    public void The_archive_is_the_one_that_the_scenario_makes()
    {
        using FakeQemu qemu = new();
        Install(qemu, "boot/vmlinuz-" + Release, "lib/modules");
        string[] modules = [.. Modules.Select(module => Path.Combine(qemu.Folder, "lib/modules", Release, "kernel", module))];
        string expected = Path.Combine(qemu.Folder, "expected");
        string files = string.Join(' ', modules.Select(static file => $"'{file}'"));
        string script = $"set -euo pipefail; . '{Path.Combine(AppContext.BaseDirectory, "qemu/common")}'; "
            + $"printf 'say x\\n' | make_initrd '{expected}' '{qemu.Kernel}' {files}";
        using (Process bash = Process.Start("bash", ["-c", script]))
        {
            bash.WaitForExit();
            Assert.Equal(0, bash.ExitCode);
        }

        using MemoryStream made = new();
        CpioArchive archive = new(made);
        foreach (string folder in (string[])["proc", "sys", "dev", "modules"]) archive.AddFolder(folder);
        archive.AddProgram("init", File.ReadAllBytes(qemu.Kernel));
        archive.AddFile("job", "say x\n"u8);
        foreach (string module in modules) archive.AddFile($"modules/{Path.GetFileName(module)}", File.ReadAllBytes(module));
        archive.End();
        Assert.Equal(File.ReadAllBytes(expected), made.ToArray());
    }

    [Theory]
    [InlineData("/no/compiler", "--demo needs a C compiler for the first process: /no/compiler: ")]
    [InlineData("/no/compiler", "; CC names another one than cc")]
    [InlineData("false", "--demo: false did not compile the first process (exit code 1)")]
    public void Without_a_compiler_there_is_no_demo(string compiler, string problem)
    {
        using FakeQemu qemu = new();
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using StringWriter error = new(CultureInfo.InvariantCulture);
        Session session = new(
            new Output(output), error, static () => Stream.Null, TerminalState.None, TestContext.Current.CancellationToken);
        HostOptions options = new()
        {
            Kernel = qemu.Kernel,
            Qemu = qemu.Program,
            Plugin = qemu.Plugin,
            Memory = 1UL << 30,
            Processors = 1,
            Model = ProcessorModel.Milan,
        };
        Assert.Equal(3, HostDemo.Run(session, options, compiler));
        Assert.Contains(problem, error.ToString(), StringComparison.Ordinal);
        Assert.Empty(output.ToString());
    }

    [Fact]
    public void The_demo_makes_its_own_initial_RAM_disk()
    {
        using FakeQemu qemu = new();
        Tool.Run("host", "--demo", "--kernel", qemu.Kernel, "--initrd", qemu.Initrd).IsUsageError(
            "--demo and --initrd exclude each other: the demo makes its own");
    }

    [Fact]
    public void The_newest_kernel_that_is_one_is_taken()
    {
        using FakeQemu qemu = new();
        string[] names = ["vmlinuz-1", "vmlinuz-3", "vmlinuz-2", "vmlinuz-4", "config-5"];
        for (int i = 0; i < names.Length; i++)
        {
            string file = Path.Combine(qemu.Folder, names[i]);
            File.WriteAllBytes(file, names[i] == "vmlinuz-4" ? [1] : FakeQemu.BzImage("1.2.3"));
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1 + i, 0, 0, 0, DateTimeKind.Utc));
        }

        Assert.Equal(Path.Combine(qemu.Folder, "vmlinuz-2"), KernelFile.Newest(qemu.Folder));
        Assert.Null(KernelFile.Newest(Path.Combine(qemu.Folder, "absent")));
    }

    private static ToolResult Demo(FakeQemu qemu, string kernel, params string[] options) =>
        Tool.Run(["host", "--demo", "--kernel", kernel, "--qemu", qemu.Program, "--plugin", qemu.Plugin, .. options]);

    /// <summary>A kernel with its modules, each of which holds its own name.</summary>
    private static string Install(FakeQemu qemu, string place, string modules)
    {
        string folder = Directory.CreateDirectory(Path.Combine(qemu.Folder, modules, Release, "kernel")).FullName;
        foreach (string module in Modules) File.WriteAllText(Path.Combine(folder, module), module);
        string kernel = Path.Combine(qemu.Folder, place);
        Directory.CreateDirectory(Path.GetDirectoryName(kernel)!);
        File.WriteAllBytes(kernel, FakeQemu.BzImage(Release));
        return kernel;
    }

    private static Dictionary<string, byte[]> Unpack(byte[] archive)
    {
        Dictionary<string, byte[]> files = [];
        for (int at = 0; ;)
        {
            int Field(int number) => int.Parse(
                Encoding.ASCII.GetString(archive, at + 6 + (number * 8), 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            int bytes = Field(6);
            int path = Field(11);
            string name = Encoding.ASCII.GetString(archive, at + 110, path - 1);
            int content = (at + 110 + path + 3) & ~3;
            if (name == "TRAILER!!!") return files;
            files.Add(name, archive[content..(content + bytes)]);
            at = (content + bytes + 3) & ~3;
        }
    }
}
