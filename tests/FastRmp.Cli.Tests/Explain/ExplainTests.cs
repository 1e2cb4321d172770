using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Explain;

public class ExplainTests
{
    private const string Update = "SEV-SNP: RMPUPDATE failed for PFN 12, pg_level: 1, ret: 2\n";
    private const string Ordinary = "usb 1-1: new high-speed USB device number 2 using xhci_hcd\n";

    private static readonly string Vmsa = Fixture.PathOf("rmp-logs/001-second-snp-launch-finish-on-the-same.txt");
    private static readonly string Edge = Fixture.PathOf("rmp-logs/003-rmpupdate-refused-for-ram-in-the-2.txt");

    [Fact]
    public void A_log_is_told_as_a_story_and_ends_with_1()
    {
        ToolResult result = Tool.Run("explain", Vmsa);
        Assert.Equal((1, string.Empty), (result.Code, result.Error));
        Assert.Contains("RMP violation: kernel write to page 0x40fdf36 through a mapping of 4K\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("Guest-Valid, assigned, 4K, ASID 2", result.Output, StringComparison.Ordinal);
        Assert.Contains(
            "  why   It holds the encrypted register state (VMSA) of a VCPU of the guest with ASID 2",
            result.Output, StringComparison.Ordinal);
        Assert.Contains("  next  do not synchronise or dump", result.Output, StringComparison.Ordinal);
        Assert.EndsWith("1 story of 2 findings; 27 lines of 1 log read\n", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), static line => Assert.True(line.Length <= 160));
    }

    [Fact]
    public void An_ordinary_log_ends_with_0()
    {
        ToolResult result = Tool.RunWith(Tool.Utf8(Ordinary), "explain", "-");
        Assert.Equal(new ToolResult(0, "nothing found; 1 line of 1 log read\n", string.Empty), result);
    }

    [Fact]
    public void A_log_that_cannot_be_opened_is_reported_alone()
    {
        Assert.Equal(new ToolResult(3, string.Empty, "fastrmp: no-such-log: there is no such file\n"), Tool.Run("explain", "no-such-log"));
        ToolResult result = Tool.Run("explain", "no-such-log", Vmsa);
        Assert.Equal((3, "fastrmp: no-such-log: there is no such file\n"), (result.Code, result.Error));
        Assert.Contains("RMP violation", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("utf-16", "UTF-16")]
    [InlineData("utf-16BE", "UTF-16")]
    [InlineData("utf-32", "UTF-32")]
    public void A_log_of_wide_text_is_refused_and_nothing_else_is_said(string encoding, string name)
    {
        ToolResult result = Tool.RunWith(System.Text.Encoding.GetEncoding(encoding).GetBytes(File.ReadAllText(Vmsa)), "explain", "-");
        Assert.Equal((3, string.Empty), (result.Code, result.Output));
        Assert.StartsWith($"fastrmp: -: is text in {name}: convert it", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_that_is_too_long_is_named_and_what_is_in_it_told()
    {
        string log = $"{Ordinary}{{\"A\":\"{new string('x', 400_000)}\",\"MESSAGE\":\"{Update.TrimEnd()}\"}}\n";
        ToolResult result = Tool.RunWith(Tool.Utf8(log), "explain", "-");
        Assert.Equal(3, result.Code);
        Assert.StartsWith(
            "fastrmp: -: line 2: the line is longer than 262144 bytes", Assert.Single(result.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("  -:2\n", result.Output, StringComparison.Ordinal);
        result = Tool.RunWith(Tool.Utf8(log), "explain", "-", "--follow");
        Assert.Equal((3, 1), (result.Code, result.ErrorLines.Length));
    }

    [Fact]
    public void A_log_packed_with_zstd_is_read()
    {
        using ZstdSharp.Compressor zstd = new();
        using TemporaryFile packed = new(zstd.Wrap(File.ReadAllBytes(Vmsa)));
        Assert.Equal(
            Tool.Run("explain", Vmsa).Output, Tool.Run("explain", packed.Path).Output.Replace(packed.Path, Vmsa, StringComparison.Ordinal));
    }

    [Fact]
    public void An_ordinary_fault_is_told_as_no_RMP_event()
    {
        ToolResult result = Tool.Run("explain", Fixture.PathOf("rmp-logs/005-control-ordinary-not-present-fault-on-an.txt"));
        Assert.Equal(1, result.Code);
        Assert.StartsWith(
            "No RMP event: kernel read in __sev_platform_shutdown_locked.cold, the page is not present\n", result.Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Several_logs_are_one_report()
    {
        ToolResult result = Tool.RunWith(Tool.Utf8(Update), "explain", Edge, "-", Vmsa);
        Assert.Equal(1, result.Code);
        Assert.Contains("4 stories of 6 findings; 64 lines of 3 logs read", result.Output, StringComparison.Ordinal);
        Assert.Contains("  -:1\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_log_tells_the_same()
    {
        using TemporaryFile packed = new(Fixture.Gzipped(File.ReadAllBytes(Vmsa)));
        Assert.Equal(Tool.Run("explain", Vmsa).Output, Tool.Run("explain", packed.Path).Output.Replace(packed.Path, Vmsa,
            StringComparison.Ordinal));
    }

    [Fact]
    public void Json_is_one_object_with_findings_and_facts()
    {
        ToolResult result = Tool.Run("explain", Edge, "--json");
        Assert.Equal(1, result.Code);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(2, root.GetProperty("findings").GetArrayLength());
        JsonElement refused = root.GetProperty("findings")[1];
        Assert.Equal("rmpupdate", refused.GetProperty("kind").GetString());
        Assert.True(refused.GetProperty("rmp_event").GetBoolean());
        Assert.Equal(36, refused.GetProperty("line").GetInt64());
        Assert.Equal("8149.348948", refused.GetProperty("time").GetString());
        Assert.Equal("FAIL_PERMISSION", root.GetProperty("expect").GetProperty("rmpupdate")[0].GetProperty("name").GetString());
        Assert.Equal(2573.746094m, root.GetProperty("expect").GetProperty("rmp_tables")[0].GetProperty("covers_gib").GetDecimal());
        using JsonDocument nothing = JsonDocument.Parse(Tool.RunWith(Tool.Utf8(Ordinary), "explain", "-", "--json").Output);
        Assert.Equal("[]", nothing.RootElement.GetProperty("findings").ToString());
        Assert.Equal("{}", nothing.RootElement.GetProperty("expect").ToString());
    }

    [Fact]
    public void What_cannot_be_read_ends_with_3_and_takes_nothing_from_the_rest()
    {
        ToolResult result = Tool.Run("explain", "/no/such/log", Vmsa);
        Assert.Equal(3, result.Code);
        Assert.Contains("fastrmp: /no/such/log: there is no such file", result.Error, StringComparison.Ordinal);
        Assert.EndsWith(" lines of 1 log read\n", result.Output, StringComparison.Ordinal);
        Assert.Contains("RMP violation", result.Output, StringComparison.Ordinal);
        using TemporaryFile empty = new([]);
        Assert.Equal(3, Tool.Run("explain", empty.Path).Code);
        Assert.Equal(3, Tool.Run("explain", Fixture.PathOf("linux-4level/core.elf")).Code);
        byte[] packed = Fixture.Gzipped(File.ReadAllBytes(Vmsa));
        using TemporaryFile cut = new(packed.AsSpan(0, packed.Length - 12).ToArray());
        ToolResult half = Tool.Run("explain", cut.Path);
        Assert.Equal(3, half.Code);
        Assert.Contains("RMP violation", half.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("explain")]
    [InlineData("explain", "a", "--json", "--follow")]
    [InlineData("explain", "a", "b", "--follow")]
    [InlineData("explain", "-", "-")]
    [InlineData("explain", "a", "--bogus")]
    public void A_wrong_command_line_ends_with_2(params string[] args)
    {
        ToolResult result = Tool.Run(args);
        Assert.Equal((2, string.Empty), (result.Code, result.Output));
        Assert.StartsWith("fastrmp: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Colour_is_for_terminals_that_want_it()
    {
        TerminalState colour = new(IsOutput: true, IsError: false, AllowsColour: true);
        TerminalState plain = new(IsOutput: true, IsError: false, AllowsColour: false);
        Assert.Contains("\u001b[1;31mRMP violation", Tool.RunOn(colour, CancellationToken.None, "explain", Vmsa).Output,
            StringComparison.Ordinal);
        Assert.Equal(Tool.Run("explain", Vmsa).Output, Tool.RunOn(plain, CancellationToken.None, "explain", Vmsa).Output);
    }

    [Fact]
    public void Nothing_of_a_log_reaches_a_terminal_as_a_command()
    {
        byte[] log = Tool.Utf8(
            "SEV: Unexpected RMP fault \u001b[2J\u001b]0;x\u0007\u0085 for GPA 0x1000\n#PF: error_code(0x0002)\nRIP: 0010:e\u001bvil+0x1/0x2\n");
        Assert.All(Tool.RunWith(log, "explain", "-").Output, static character => Assert.True(character == '\n'
            || !char.IsControl(character)));
    }

    [Fact]
    public void A_pipe_is_followed_to_its_end()
    {
        ToolResult result = Tool.RunWith(Tool.Utf8(Ordinary + Update), "explain", "-", "--follow");
        Assert.Equal(1, result.Code);
        Assert.StartsWith("RMPUPDATE refused: page 0x12, 4K, 2 FAIL_PERMISSION\n", result.Output, StringComparison.Ordinal);
        Assert.Equal(0, Tool.RunWith(Tool.Utf8(Ordinary), "explain", "-", "--follow").Code);
    }

    [Fact]
    public async Task A_growing_file_is_told_as_it_grows_until_the_interrupt()
    {
        using TemporaryFile log = new(Tool.Utf8(Ordinary));
        using CancellationTokenSource interrupt = new();
        using CollectingWriter output = new();
        Session session = new(new Output(output), TextWriter.Null, static () => Stream.Null, TerminalState.None, interrupt.Token);
        Task<int> run = Task.Run(() => Program.Run(["explain", log.Path, "--follow"], session));
        foreach (string page in (string[])["12", "34"])
        {
            await File.AppendAllTextAsync(log.Path, Update.Replace("12", page, StringComparison.Ordinal));
            Assert.True(await output.Saw($"page 0x{page},"), output.ToString());
        }

        await interrupt.CancelAsync();
        Assert.Equal(130, await run.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Single(output.Lines(), static line => line.StartsWith("RMPUPDATE refused: page 0x12", StringComparison.Ordinal));
    }

    /// <summary>As <c>tail -F</c>: a log that is moved away and begun anew, deleted and begun anew, or cut back, is the log
    /// still.</summary>
    [Theory]
    [InlineData("move")]
    [InlineData("delete")]
    [InlineData("replace")]
    [InlineData("truncate")]
    public async Task A_log_that_is_rotated_is_followed(string how)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a file is told from its successor by /proc");
        string folder = Directory.CreateTempSubdirectory().FullName;
        string log = Path.Combine(folder, "kern.log");
        string other = Path.Combine(folder, "other.log");
        await File.WriteAllTextAsync(log, Ordinary + Update);
        using CancellationTokenSource interrupt = new();
        using CollectingWriter output = new();
        Session session = new(new Output(output), TextWriter.Null, static () => Stream.Null, TerminalState.None, interrupt.Token);
        Task<int> run = Task.Run(() => Program.Run(["explain", log, "--follow"], session));
        try
        {
            Assert.True(await output.Saw("page 0x12,"), output.ToString());
            await File.AppendAllTextAsync(log, "[   12.345678] half a line");
            string fresh = Update.Replace("12", "34", StringComparison.Ordinal);
            switch (how)
            {
                case "move":
                    File.Move(log, other);
                    await Task.Delay(300); // nothing has the name for a while
                    await File.WriteAllTextAsync(log, fresh);
                    break;
                case "delete":
                    File.Delete(log);
                    await File.WriteAllTextAsync(log, fresh);
                    break;
                case "replace":
                    await File.WriteAllTextAsync(other, fresh);
                    File.Move(other, log, overwrite: true);
                    break;
                default:
                    await File.WriteAllTextAsync(log, fresh); // shorter than what was read
                    break;
            }

            Assert.True(await output.Saw("page 0x34,"), output.ToString());
            await File.AppendAllTextAsync(log, Update.Replace("12", "56", StringComparison.Ordinal));
            Assert.True(await output.Saw("page 0x56,"), output.ToString());
        }
        finally
        {
            await interrupt.CancelAsync();
            Assert.Equal(130, await run.WaitAsync(TimeSpan.FromSeconds(30)));
            Directory.Delete(folder, recursive: true);
        }

        Assert.Single(output.Lines(), static line => line.StartsWith("RMPUPDATE refused: page 0x12", StringComparison.Ordinal));
        Assert.Single(output.Lines(), static line => line.StartsWith("RMPUPDATE refused: page 0x34", StringComparison.Ordinal));
    }

    /// <summary>However many findings: one story is in memory at a time, and what is printed is one object.</summary>
    [Fact]
    public void Json_of_findings_without_end_is_printed_as_it_is_made()
    {
        System.Text.StringBuilder log = new();
        for (int i = 0; i < 3000; i++)
        {
            log.Append("BUG: unable to handle page fault for address: ffff888146800000\n#PF: error_code(0x80000003) - RMP violation\n");
        }

        ToolResult result = Tool.RunWith(Tool.Utf8(log.ToString()), "explain", "-", "--json");
        Assert.Equal(1, result.Code);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.Equal(3000, document.RootElement.GetProperty("findings").GetArrayLength());
        Assert.Equal(3000, document.RootElement.GetProperty("expect").GetProperty("page_faults").GetArrayLength());
    }

    [Fact]
    public async Task A_pipe_with_a_name_is_followed_until_its_writer_closes_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo is needed");
        string pipe = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using (Process made = Process.Start("mkfifo", pipe))
        {
            await made.WaitForExitAsync();
        }

        try
        {
            Task<ToolResult> run = Task.Run(() => Tool.Run("explain", pipe, "--follow"));
            await File.WriteAllTextAsync(pipe, Update);
            ToolResult result = await run.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal((1, string.Empty), (result.Code, result.Error));
            Assert.Contains("RMPUPDATE refused: page 0x12", result.Output, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(pipe);
        }
    }

    [Fact]
    public void Following_a_cut_stream_prints_what_was_read_before()
    {
        using MemoryStream packed = new();
        using (System.IO.Compression.GZipStream gzip = new(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(File.ReadAllBytes(Vmsa));
        }

        byte[] cut = packed.ToArray()[..^20];
        ToolResult result = Tool.RunWith(cut, "explain", "-", "--follow");
        Assert.Equal(3, result.Code);
        Assert.Contains("cut short", result.Error, StringComparison.Ordinal);
        Assert.Equal(
            Tool.RunWith(cut, "explain", "-").Output.Contains("RMP violation", StringComparison.Ordinal),
            result.Output.Contains("RMP violation", StringComparison.Ordinal));
        Assert.Contains("RMP violation", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "-: at offset 0x0: the file is empty")]
    [InlineData("\u007FELF\u0002\u0001\u0001", "is an ELF file, no log")]
    public void Following_what_is_no_log_is_refused(string content, string message)
    {
        ToolResult result = Tool.RunWith(Tool.Utf8(content), "explain", "-", "--follow");
        Assert.Equal(3, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupted_reading_ends_with_130()
    {
        using CancellationTokenSource interrupt = new();
        interrupt.Cancel();
        Assert.Equal(130, Tool.RunOn(TerminalState.None, interrupt.Token, "explain", Vmsa).Code);
    }

    [Fact]
    public void The_root_help_and_its_own_name_the_command()
    {
        Assert.Contains("explain", Tool.Run("--help").Output, StringComparison.Ordinal);
        Assert.Contains("dmesg -w | fastrmp explain - --follow", Tool.Run("explain", "--help").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_manuals_example_is_what_the_tool_prints()
    {
        string path = Fixture.PathOf("rmp-logs/002-hypervisor-write-to-an-in-use-avic.txt");
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "tool.md"));
        Assert.Contains(Tool.Run("explain", path).Output.Replace(path, "dmesg.txt", StringComparison.Ordinal), manual,
            StringComparison.Ordinal);
    }

    /// <summary>What another thread prints.</summary>
    private sealed class CollectingWriter : StringWriter
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

        private readonly Lock _lock = new();
        private readonly SemaphoreSlim _written = new(0);

        public CollectingWriter()
            : base(System.Globalization.CultureInfo.InvariantCulture)
        {
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            lock (_lock) base.Write(buffer);
            _written.Release();
        }

        public override string ToString()
        {
            lock (_lock) return base.ToString();
        }

        public List<string> Lines() => [.. ToString().Split('\n')];

        /// <summary>Waits for a text, a piece after the other.</summary>
        public async Task<bool> Saw(string text)
        {
            do
            {
                if (ToString().Contains(text, StringComparison.Ordinal)) return true;
            }
            while (await _written.WaitAsync(Patience));
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _written.Dispose();
            base.Dispose(disposing);
        }
    }
}
