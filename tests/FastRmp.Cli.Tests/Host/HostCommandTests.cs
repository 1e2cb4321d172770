using System;
using System.IO;
using System.Text.RegularExpressions;
using FastRmp.Cli.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Host;

public sealed class HostCommandTests
{
    [Fact]
    public void The_console_and_the_report_are_printed()
    {
        using FakeQemu qemu = new();
        ToolResult result = Run(qemu);
        Assert.Equal((0, "the console\nfastrmp: violations 0\n", ""), (result.Code, result.Output, result.Error));
    }

    [Fact]
    public void A_store_that_hardware_would_have_refused_is_found()
    {
        using FakeQemu qemu = new(report: "fastrmp: milan\nfastrmp: violations 12\n");
        ToolResult result = Run(qemu, "--check", "report");
        Assert.Equal(1, result.Code);
        Assert.Contains(",check=report", qemu.After("-plugin"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_can_be_prevented()
    {
        using FakeQemu qemu = new();
        Assert.Equal(0, Run(qemu, "--check", "fault").Code);
        Assert.Contains(",check=fault", qemu.After("-plugin"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_is_described_as_the_plugin_needs_it()
    {
        using FakeQemu qemu = new();
        Run(qemu, "--initrd", qemu.Initrd, "--append", "quiet panic=1");
        Assert.Equal("q35,memory-backend=m", qemu.After("-machine"));
        Assert.Equal("2147483648B", qemu.After("-m"));
        Assert.Equal("1", qemu.After("-smp"));
        Assert.Equal("EPYC-Milan,-hypervisor,+svm,xlevel=0x80000025", qemu.After("-cpu"));
        Assert.Equal(qemu.Kernel, qemu.After("-kernel"));
        Assert.Equal(qemu.Initrd, qemu.After("-initrd"));
        Assert.Equal(
            "console=ttyS0 no_timer_check intremap=off memmap=0x900000$0x40000000 quiet panic=1", qemu.After("-append"));
        string plugin = qemu.After("-plugin");
        Assert.StartsWith(qemu.Plugin.Replace(",", ",,", StringComparison.Ordinal) + ",ram=", plugin, StringComparison.Ordinal);
        Assert.Contains(",rmp=0x40000000-0x408fffff,processor=milan,psp=0x10,report=", plugin, StringComparison.Ordinal);
        string ram = Regex.Match(plugin, ",ram=([^,]*)").Groups[1].Value;
        Assert.Contains($",mem-path={ram},", qemu.After("-object"), StringComparison.Ordinal);
        Assert.False(File.Exists(ram)); // it is gone with the machine
        Assert.DoesNotContain("-initrd", Started(qemu), StringComparer.Ordinal);
    }

    [Fact]
    public void The_options_reach_QEMU()
    {
        using FakeQemu qemu = new();
        ToolResult result = Run(
            qemu, "--cpus", "2", "--processor", "turin", "--rmp", "segmented", "--memory", "4G", "--inject", "keep:0x1000",
            "--trace", "a,b", "--", "-snapshot",
            "-drive", "file=x");
        Assert.Equal(0, result.Code);
        Assert.Equal("2", qemu.After("-smp"));
        Assert.StartsWith("EPYC-Turin,", qemu.After("-cpu"), StringComparison.Ordinal);
        Assert.Contains(",rmp=segmented:0x40000000-0x419fffff,processor=turin,", qemu.After("-plugin"), StringComparison.Ordinal);
        Assert.Contains(",inject=keep:0x1000,", qemu.After("-plugin"), StringComparison.Ordinal);
        Assert.EndsWith(",trace=a,,b", qemu.After("-plugin"), StringComparison.Ordinal);
        Assert.Contains("memmap=0x1a00000$0x40000000", qemu.After("-append"), StringComparison.Ordinal);
        Assert.Equal(["-snapshot", "-drive", "file=x"], qemu.Arguments[^3..]);
    }

    [Theory]
    [InlineData("256M", "0x8000000", "0x200000")]
    [InlineData("2815M", "0x57e00000", "0xc00000")]
    [InlineData("2816M", "0x40000000", "0x1400000")]
    [InlineData("8G", "0x40000000", "0x2900000")]
    public void The_RMP_covers_all_of_the_memory(string memory, string first, string bytes)
    {
        using FakeQemu qemu = new();
        Run(qemu, "--memory", memory);
        Assert.Contains($"memmap={bytes}${first}", qemu.After("-append"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--memory: whole MiB, 256M to 252G", "--memory", "255M")]
    [InlineData("--memory: whole MiB, 256M to 252G", "--memory", "300000000")]
    [InlineData("--memory: whole MiB, 256M to 252G", "--memory", "253G")]
    [InlineData("--cpus: 1 to 255", "--cpus", "0")]
    [InlineData("--processor: 'zen' is none of milan, genoa, turin, venice", "--processor", "zen")]
    [InlineData("--processor: 'intel' is none of milan, genoa, turin, venice", "--processor", "intel")]
    [InlineData("--rmp: 'flat' is neither contiguous nor segmented", "--rmp", "flat")]
    [InlineData("--rmp: a genoa has no segmented RMP; turin and venice do", "--rmp", "segmented", "--processor", "genoa")]
    [InlineData("--check: 'faults' is none of off, report, fault", "--check", "faults")]
    public void A_machine_that_cannot_be_is_refused(string problem, params string[] options)
    {
        using FakeQemu qemu = new();
        Run(qemu, options).IsUsageError(problem);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        using FakeQemu qemu = new();
        Tool.Run("host").IsUsageError("Option '--kernel' is required.");
        Tool.Run("host", "--kernel", "/no/kernel").IsBadInput("--kernel: /no/kernel does not exist");
        Tool.Run("host", "--kernel", qemu.Folder).IsBadInput($"--kernel: {qemu.Folder} is a folder");
        Run(qemu, "--initrd", "/no/initrd").IsBadInput("--initrd: /no/initrd does not exist");
        Run(qemu, "--trace", "/no/trace").IsBadInput("--trace: there is no folder /no");
        Run(qemu, "--trace", qemu.Folder).IsBadInput($"--trace: {qemu.Folder} is a folder");
        Tool.Run("host", "--kernel", qemu.Kernel, "--plugin", "/no/plugin").IsBadInput("--plugin: /no/plugin does not exist");
        Tool.Run("host", "--kernel", qemu.Kernel, "--qemu", qemu.Program).IsBadInput(
            "there is no fastrmp-qemu.so beside the tool; --plugin names it, and docs/qemu.md says how to make it");
        Tool.Run("host", "--kernel", qemu.Kernel, "--plugin", qemu.Kernel).IsBadInput($"--plugin: {qemu.Kernel} is no shared library");
        Tool.Run("host", "--kernel", qemu.Kernel, "--plugin", qemu.Plugin, "--qemu", "/no/qemu")
            .IsBadInput("--qemu: there is no file /no/qemu");
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("MZ, but no header behind it", "is no kernel: it has not the header of a bzImage")]
    [InlineData("\u007fELF", "is an ELF file, such as vmlinux, and no bzImage: arch/x86/boot/bzImage of the build is one")]
    public void What_is_no_kernel_is_told_before_a_plugin_is_missed(string content, string problem)
    {
        using FakeQemu qemu = new();
        File.WriteAllText(qemu.Initrd, content);
        Tool.Run("host", "--kernel", qemu.Initrd).IsBadInput($"--kernel: {qemu.Initrd} {problem}");
    }

    [Fact]
    public void An_empty_initial_RAM_disk_is_refused()
    {
        using FakeQemu qemu = new();
        File.WriteAllText(qemu.Initrd, "");
        Tool.Run("host", "--kernel", qemu.Kernel, "--initrd", qemu.Initrd).IsBadInput($"--initrd: {qemu.Initrd} is empty");
    }

    [Theory]
    [InlineData("ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n",
        ": is a placeholder without symbols: the distribution has the kernel's System.map in a package for debugging "
        + "(linux-image-…-dbg), and a running kernel has /proc/kallsyms")]
    [InlineData("0000000000000000 T _stext\n", " has no addresses: only root sees those of /proc/kallsyms")]
    [InlineData("no list\n",
        ": is no list of symbols (System.map, /proc/kallsyms): the first line is not 'ADDRESS KIND NAME'")]
    public void A_list_of_symbols_that_has_none_is_refused(string content, string problem)
    {
        using FakeQemu qemu = new();
        string list = Path.Combine(qemu.Folder, "list");
        File.WriteAllText(list, content);
        Run(qemu, "--symbols", list).IsBadInput($"--symbols: {list}{problem}");
    }

    [Fact]
    public void A_list_of_symbols_reaches_the_plugin()
    {
        using FakeQemu qemu = new();
        string list = Path.Combine(qemu.Folder, "list");
        File.WriteAllText(list, "ffffffff81000000 T _stext\n");
        Assert.Equal(0, Run(qemu, "--symbols", list).Code);
        Assert.Contains($",symbols={list}", qemu.After("-plugin"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_store_is_explained_as_explain_explains_the_report()
    {
        const string Report = "fastrmp: violations 2\n"
            + "fastrmp: 2 stores that hardware would have refused with #PF, by 1 instructions:\n"
            + "fastrmp: fault spa=0x205000 va=0xffff888000205000 rip=0xffffffff81c01234 symbol=memset+0x14 size=2m code=0x80000003 "
            + "entry=0x203000:0x50000400030001:0x0 count=2\n";
        using FakeQemu qemu = new(report: Report, console: "SEV-SNP: RMPUPDATE failed for PFN 123, pg_level: 1, ret: 3");
        ToolResult result = Run(qemu);
        Assert.Equal(1, result.Code);
        string file = Path.Combine(qemu.Folder, "saved");
        File.WriteAllText(file, Report);
        string[] told = Tool.Run("explain", file).Output.Split(Environment.NewLine)[..^2];
        Assert.Equal("RMP violation: kernel write to page 0x205 through a mapping of 2M, 2 times", told[0]);
        string all = string.Join('\n', told).Replace(file, "the report", StringComparison.Ordinal);
        Assert.Contains(Report + "\n" + all, result.Output, StringComparison.Ordinal);
        Assert.Contains("memset+0x14", result.Output, StringComparison.Ordinal);
        Assert.Contains("The write went through a mapping of 2M, and other pages", all, StringComparison.Ordinal);
        Assert.Contains("the console:1", result.Output, StringComparison.Ordinal); // what the kernel says itself
    }

    [Fact]
    public void What_the_console_tells_of_the_same_store_is_not_told_twice()
    {
        const string Fault = "fastrmp: fault spa=0x205000 va=0xffff888000205000 rip=0xffffffff81c01234 size=4k code=0x80000003 count=1\n";
        const string Oops = "#PF: error_code(0x80000003) - RMP violation";
        using FakeQemu prevented = new(report: "fastrmp: violations 1\n" + Fault, console: Oops);
        Assert.Single(Titles(Run(prevented)));
        using FakeQemu silent = new(console: Oops);
        Assert.Single(Titles(Run(silent)));
    }

    [Theory]
    [InlineData("7.2.22", "is QEMU 7.2, and the plugin needs 11.1; docs/qemu.md says where to get one")]
    [InlineData("11.0.2", "is QEMU 11.0, and the plugin needs 11.1; docs/qemu.md says where to get one")]
    [InlineData("x", "is not QEMU: it does not say its version")]
    public void An_older_QEMU_is_refused(string version, string problem)
    {
        using FakeQemu qemu = new(version);
        string option = version == "x" ? "--qemu: " : "";
        Run(qemu).IsBadInput($"{option}{qemu.Program} {problem}");
    }

    [Fact]
    public void A_failure_of_QEMU_shows_its_last_lines()
    {
        using FakeQemu qemu = new(code: 5);
        ToolResult result = Run(qemu).SpeaksProperly();
        Assert.Equal(3, result.Code);
        Assert.Equal(["fastrmp: error 10", "fastrmp: error 11"], result.ErrorLines[..2]); // the even ones are the plugin's
        Assert.Equal([$"fastrmp: {qemu.Program} ended with exit code 5"], result.ErrorLines[10..]);
    }

    [Fact]
    public void A_QEMU_that_did_not_use_the_plugin_is_noticed()
    {
        using FakeQemu qemu = new(writesReport: false);
        ToolResult result = Run(qemu).SpeaksProperly();
        Assert.Equal((3, "fastrmp: the plugin wrote no report: QEMU did not use it\n"), (result.Code, result.Error));
    }

    private static string[] Titles(ToolResult result) =>
        Array.FindAll(result.Output.Split('\n'), static line => line.StartsWith("RMP violation: ", StringComparison.Ordinal));

    private static string[] Started(FakeQemu qemu)
    {
        Run(qemu);
        return qemu.Arguments;
    }

    private static ToolResult Run(FakeQemu qemu, params string[] options) =>
        Tool.Run(["host", "--kernel", qemu.Kernel, "--qemu", qemu.Program, "--plugin", qemu.Plugin, .. options]);
}
