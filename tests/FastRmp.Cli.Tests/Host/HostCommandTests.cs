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
    [InlineData("--memory: whole MiB, at least 256M", "--memory", "255M")]
    [InlineData("--memory: whole MiB, at least 256M", "--memory", "300000000")]
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
        Tool.Run("host", "--kernel", "/no/kernel").IsBadInput("/no/kernel: there is no such file");
        Run(qemu, "--initrd", "/no/initrd").IsBadInput("/no/initrd: there is no such file");
        Tool.Run("host", "--kernel", qemu.Kernel, "--plugin", "/no/plugin").IsBadInput("/no/plugin: there is no such file");
        Tool.Run("host", "--kernel", qemu.Kernel, "--qemu", qemu.Program).IsBadInput(
            "there is no fastrmp-qemu.so beside the tool; --plugin names it, and docs/qemu.md says how to make it");
        ToolResult result = Tool.Run("host", "--kernel", qemu.Kernel, "--plugin", qemu.Plugin, "--qemu", "/no/qemu").SpeaksProperly();
        Assert.Equal(3, result.Code);
        Assert.StartsWith("fastrmp: /no/qemu: ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("7.2.22", "is QEMU 7.2, and the plugin needs 11.1; docs/qemu.md says where to get one")]
    [InlineData("11.0.2", "is QEMU 11.0, and the plugin needs 11.1; docs/qemu.md says where to get one")]
    [InlineData("x", "is not QEMU: it does not say its version")]
    public void An_older_QEMU_is_refused(string version, string problem)
    {
        using FakeQemu qemu = new(version);
        Run(qemu).IsBadInput($"{qemu.Program} {problem}");
    }

    [Fact]
    public void A_failure_of_QEMU_shows_its_last_lines()
    {
        using FakeQemu qemu = new(code: 5);
        ToolResult result = Run(qemu).SpeaksProperly();
        Assert.Equal(3, result.Code);
        Assert.Equal("fastrmp: error 10", result.ErrorLines[0]);
        Assert.Equal([$"fastrmp: {qemu.Program} ended with exit code 5"], result.ErrorLines[10..]);
    }

    [Fact]
    public void A_QEMU_that_did_not_use_the_plugin_is_noticed()
    {
        using FakeQemu qemu = new(writesReport: false);
        ToolResult result = Run(qemu).SpeaksProperly();
        Assert.Equal((3, "fastrmp: the plugin wrote no report: QEMU did not use it\n"), (result.Code, result.Error));
    }

    private static string[] Started(FakeQemu qemu)
    {
        Run(qemu);
        return qemu.Arguments;
    }

    private static ToolResult Run(FakeQemu qemu, params string[] options) =>
        Tool.Run(["host", "--kernel", qemu.Kernel, "--qemu", qemu.Program, "--plugin", qemu.Plugin, .. options]);
}
