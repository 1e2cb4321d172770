using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text.RegularExpressions;
using System.Threading;
using FastRmp.Cli.Host;
using FastRmp.Cli.Shell;
using Xunit;

namespace FastRmp.Cli.Tests.Host;

public sealed class HostInterruptionTests
{
    private const string Console = "the console";
    private const string Told = "fastrmp: interrupted: the machine is told to end, for its report; once more kills it\n";

    [Fact]
    public void A_machine_that_is_interrupted_reports()
    {
        using FakeQemu qemu = new(report: "fastrmp: violations 12\n", onTermination: "leave");
        using CancellationTokenSource interrupt = new();
        using ReactingWriter output = new(Console, interrupt.Cancel);
        using StringWriter error = new(CultureInfo.InvariantCulture);
        Assert.Equal(130, Run(qemu, output, error, interrupt.Token, default));
        Assert.Equal("the console\nfastrmp: violations 12\n", output.ToString());
        Assert.Equal(Told, error.ToString());
        Assert.False(File.Exists(Regex.Match(qemu.After("-plugin"), ",ram=([^,]*)").Groups[1].Value));
    }

    [Fact]
    public void A_machine_that_does_not_end_is_killed_when_the_user_insists()
    {
        using FakeQemu qemu = new(onTermination: ":");
        using CancellationTokenSource interrupt = new();
        using CancellationTokenSource insistence = new();
        using ReactingWriter output = new(Console, interrupt.Cancel);
        using ReactingWriter error = new("once more kills it", insistence.Cancel);
        Assert.Equal(130, Run(qemu, output, error, interrupt.Token, insistence.Token));
        Assert.Equal("the console\n", output.ToString());
        Assert.Equal(Told + "fastrmp: the machine did not end by itself: there is no report\n", error.ToString());
        IsGone(qemu);
    }

    [Fact]
    public void A_machine_that_does_not_end_in_time_is_killed()
    {
        using FakeQemu qemu = new(onTermination: ":");
        using CancellationTokenSource interrupt = new();
        using ReactingWriter output = new(Console, interrupt.Cancel);
        Session session = SessionOf(output, TextWriter.Null, interrupt.Token, default);
        string[] arguments = ["-object", $"mem-path={qemu.Folder}/ram"];
        int code = QemuProcess.Run(
            session, qemu.Program, arguments, TimeSpan.FromMilliseconds(20), Stream.Null, out IReadOnlyCollection<string> errors);
        Assert.Equal(137, code);
        Assert.Empty(errors);
        IsGone(qemu);
    }

    [Fact]
    public void A_machine_whose_console_nobody_can_read_is_killed()
    {
        using FakeQemu qemu = new(onTermination: ":");
        using ReactingWriter output = new(Console, static () => throw new IOException("no space"));
        using StringWriter error = new(CultureInfo.InvariantCulture);
        Assert.Equal(3, Run(qemu, output, error, CancellationToken.None, default));
        Assert.Equal("fastrmp: standard output: no space\n", error.ToString());
        IsGone(qemu);
    }

    [Fact]
    public void A_user_who_interrupts_before_there_is_a_machine_gets_none()
    {
        using FakeQemu qemu = new();
        using StringWriter output = new(CultureInfo.InvariantCulture);
        Assert.Equal(130, Run(qemu, output, TextWriter.Null, new CancellationToken(canceled: true), default));
        Assert.Empty(output.ToString());
    }

    private static int Run(
        FakeQemu qemu, TextWriter output, TextWriter error, CancellationToken cancellation, CancellationToken insistence) => Program.Run(
            ["host", "--kernel", qemu.Kernel, "--qemu", qemu.Program, "--plugin", qemu.Plugin],
            SessionOf(output, error, cancellation, insistence));

    private static Session SessionOf(
        TextWriter output, TextWriter error, CancellationToken cancellation, CancellationToken insistence) =>
        new(new Output(output), error, static () => Stream.Null, TerminalState.None, cancellation, insistence);

    private static void IsGone(FakeQemu qemu) => Assert.Throws<ArgumentException>(() => Process.GetProcessById(qemu.ProcessId));

    /// <summary>Does something when a text is written, once.</summary>
    private sealed class ReactingWriter(string text, Action reaction) : StringWriter(CultureInfo.InvariantCulture)
    {
        private bool _reacted;

        public override void Write(ReadOnlySpan<char> buffer)
        {
            base.Write(buffer);
            React();
        }

        public override void Write(string? value)
        {
            base.Write(value);
            React();
        }

        private void React()
        {
            if (_reacted || !ToString().Contains(text, StringComparison.Ordinal)) return;
            _reacted = true;
            reaction();
        }
    }
}
