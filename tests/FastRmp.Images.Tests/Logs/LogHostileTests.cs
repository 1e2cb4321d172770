using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Logs;

/// <summary>Whatever a log holds: it is read to its end, nothing of it commands a terminal, and the memory is the reader's.</summary>
public sealed class LogHostileTests
{
    private const int Seeds = 60;

    public static TheoryData<int> Series()
    {
        TheoryData<int> series = [];
        for (int i = 0; i < Seeds; i++) series.Add(i);
        return series;
    }

    /// <summary>60 series of 600 damaged logs: 36,000 in all.</summary>
    [Theory]
    [MemberData(nameof(Series))]
    public void Damaged_logs_are_read_to_their_end(int series)
    {
        List<string> names = [.. LogCase.Verbatim().ToNames()];
        List<string> forms = [.. LogDress.Forms.Keys];
        Mutator mutator = new(1000 + series);
        for (int i = 0; i < 600; i++)
        {
            LogCase log = LogCase.Load(names[(series + i) % names.Count]);
            string text = LogDress.Forms[forms[((series * 7) + i) % forms.Count]](LogDress.Bare(log.Lines));
            Examine(mutator.Mutate(Encoding.UTF8.GetBytes(text), head: int.MaxValue));
        }
    }

    [Fact]
    public void Numbers_at_their_ends_and_beyond_are_no_trouble()
    {
        string[] numbers = ["0", "0x0", "ffffffffffffffff", "0xffffffffffffffff", "0x1ffffffffffffffff", "-1", "99999999999999999999",
            "zz", "", "0x"];
        string[] shapes =
        [
            "SEV-SNP: RMP table physical range [{0} - {1}]", "SEV-SNP: PFN {0}, RMP entry: [{1} - {0}]",
            "SEV-SNP: PFN {0} unassigned, dumping non-zero entries in 2M PFN region: [{0} - {1}]", "SEV-SNP: PFN: {0}, [{1} - {1}]",
            "SEV-SNP: RMPUPDATE failed for PFN {0}, pg_level: {1}, ret: {0}", "psmash failed, gpa {0} pfn {1} rc {0}",
            "PGD {0} P4D {1} PUD {0} PMD {1} PTE {0}", "#PF: error_code({0}) - RMP violation",
            "BUG: unable to handle page fault for address: {1}", "SEV-SNP: Leaking PFN range {0}-{1}", "SEV-SNP: Segmented RMP using {0}GB segments",
            "SEV-SNP: RMP segment {0} physical address [{1} - {0}] covering [{0} - {1}]", "kvm_amd: SEV enabled (ASIDs {0} - {1})",
            "SEV-SNP: Segmented RMP base table physical range [{0} - {1}]", "SEV-SNP: Reserving start/end of RMP table on a 2MB boundary [{0}]",
            "AMD-Vi: Event logged [IO_PAGE_FAULT device={0} domain={1} address={0} flags={1}]", "AMD-Vi: DTE[{0}]: {1}",
            "ccp 1: SEV-SNP API:{0}.{1} build:{0}", "ccp 1: SEV: failed to INIT error {0}, rc {1}", "DirectMap4k: {0} kB DirectMap2M: {1} kB",
            "BIOS-e820: [mem {0}-{1}] usable", "x: kvm_page_fault: vcpu {0} rip {1} address {0} error_code {1}",
            "RMPEntry paddr {0} [assigned=1 immutable=1 pagesize=1 gpa={1} asid={0} vmsa=1 validated=1]", "exit_code: 400 exit_info1: {0} exit_info2: {1}",
            "SEV-SNP: Memory reserved for the RMP table does not cover full system RAM (expected {0} got {1})", "RMP_BASE {0} RMP_END {1} SNP_EN {0}",
            "#PF: error_code({0}) - {1}", "Unexpected RMP page fault for address {0}, terminating process",
            "Failed to reclaim PFN {0}, rc {1} fw_err {0}", "ccp 1: SEV-SNP support requires firmware version >= {0}:{1}",
            "SEV: SNP_DBG_DECRYPT failed ret={0}, fw_error={1}", "PVALIDATE failure: pfn: {0}, action: 1, size: 0, ret: {1}",
            "vmgexit: exit code {0} is not valid", "Failed to ensure GFN {0} RMP entry is initial shared state, ret: {1} assigned: 1",
            "{{\"__REALTIME_TIMESTAMP\":\"{0}\",\"MESSAGE\":\"SEV-SNP: Leaking PFN range {1}-{0}\"}}",
            "AMD-Vi: Event logged [COMMAND_HARDWARE_ERROR address={0} flags={1}]",
            "1.0 cpu0 fault spa={0} va={1} rip={0} symbol={1} size=2m code={1} entry={0}:{1}:{0} count={1}",
            "fastrmp: fault spa={1} size={0} code=0x80000003 entry={1}:{0}:{1} count={0}",
        ];
        StringBuilder all = new();
        foreach (string shape in shapes)
        {
            foreach (string first in numbers)
            {
                foreach (string second in numbers)
                {
                    string line = string.Format(System.Globalization.CultureInfo.InvariantCulture, shape, first, second);
                    Examine(Encoding.UTF8.GetBytes(line + "\n"));
                    all.Append(line).Append('\n');
                }
            }
        }

        Examine(Encoding.UTF8.GetBytes(all.ToString()));
    }

    [Fact]
    public void Nothing_of_a_log_commands_a_terminal()
    {
        const string Log = "SEV-SNP: \u001b]0;owned\u0007RMPUPDATE failed for PFN 12, pg_level: 1, ret: 2\n"
            + "RIP: 0010:evil\u001b[2J+0x1/0x2 [mod\u001b[31mule]\n#PF: error_code(0x0002)\nRIP: 0010:e\u0001v\u009b2Jil+0x1/0x2 [m\u0085d]\n"
            + "SEV: Unexpected RMP fault \u001b[2J\u0090 for GPA 0x1000\n";
        LogReport report = Examine(Encoding.Latin1.GetBytes(Log));
        Assert.Contains(report.Findings, finding => finding is LoggedRmpUpdate);
        Assert.Contains(report.Findings, finding => finding is LogNote);
    }

    [Fact]
    public void A_log_of_any_length_needs_the_memory_of_its_blocks()
    {
        using RepeatedStream stream = new(string.Join('\n', OrdinaryLog.Lines) + "\n", 96 << 20);
        using LogReader reader = LogReader.FromStream(stream, "log");
        long before = GC.GetAllocatedBytesForCurrentThread();
        LogReport report = reader.ReadAll();
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4 << 20);
        Assert.True(report.ByteCount >= 96 << 20);
        Assert.Empty(report.Findings);
    }

    [Fact]
    public void Of_findings_without_end_the_first_are_kept_and_the_rest_counted()
    {
        const string Line = "[    1.000000] SEV-SNP: RMPUPDATE failed for PFN 28357f7c, pg_level: 1, ret: 2\n";
        using RepeatedStream stream = new(Line, Line.Length * 60_000);
        using LogReader reader = LogReader.FromStream(stream, "log");
        LogReport report = reader.ReadAll();
        Assert.Equal(LogReport.MostFindings, report.Findings.Count);
        Assert.Equal(report.LineCount, report.Findings.Count + report.OmittedFindings);
        Assert.Single(report.Stories());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(600_000)]
    [InlineData(2_000_000)]
    public void A_line_of_any_length_hides_no_other(int length)
    {
        string text = new string('x', length) + "\n" + new string('R', length)
            + "MP\nSEV-SNP: RMPUPDATE failed for PFN 12, pg_level: 1, ret: 2\n"
            + new string('y', length);
        LogReport report = Examine(Encoding.UTF8.GetBytes(text));
        LoggedRmpUpdate update = Assert.IsType<LoggedRmpUpdate>(Assert.Single(report.Findings));
        Assert.Equal(3, update.Place.Line);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(520_000)]
    [InlineData(524_288 - 40)]
    public void A_line_at_any_place_is_found_with_its_number(int before)
    {
        string filler = string.Concat(Enumerable.Repeat("ordinary\n", before / 9)) + new string('.', before % 9) + "\n";
        string text = filler
            + "SEV-SNP: RMPUPDATE failed for PFN 12, pg_level: 1, ret: 2\nSEV-SNP: PFN 0x12, RMP entry: [0x1 - 0x0]\n"
            + filler;
        LogReport report = Examine(Encoding.UTF8.GetBytes(text));
        Assert.Equal([(before / 9) + 2L, (before / 9) + 3L], report.Findings.Select(finding => finding.Place.Line));
        Assert.Equal((((before / 9) + 1L) * 2) + 2, report.LineCount);
    }

    [Fact]
    public void A_stream_that_drips_tells_the_same()
    {
        LogCase log = LogCase.Load(LogCase.Verbatim().ToNames().First());
        using ChunkedStream stream = new(Encoding.UTF8.GetBytes(log.Text!), 7);
        using LogReader reader = LogReader.FromStream(stream, "log");
        Assert.Equal(2, reader.ReadAll().Findings.Count);
    }

    [Fact]
    public void An_empty_log_and_other_files_are_refused_by_name()
    {
        Assert.Contains("empty", Refusal([]), StringComparison.Ordinal);
        Assert.Contains("ELF", Refusal([0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]), StringComparison.Ordinal);
        Assert.Contains("LiME", Refusal("EMiL\u0001\0\0\0"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("trace-cmd report", Refusal("\u0017\bDtracing6\0"u8.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_gzip_log_tells_what_came_before_the_cut()
    {
        byte[] packed = Fixture.Gzipped(Encoding.UTF8.GetBytes(LogCase.Load(LogCase.Verbatim().ToNames().First()).Text!));
        LogReport report = new();
        using LogReader reader = LogReader.FromStream(new MemoryStream(packed[..^12]), "log.gz", report);
        Assert.Throws<MalformedInputException>(() => reader.ReadAll());
        Assert.NotEmpty(report.Findings);
    }

    private static string Refusal(byte[] bytes)
    {
        using LogReader reader = LogReader.FromStream(new MemoryStream(bytes), "file");
        return Assert.Throws<MalformedInputException>(() => reader.ReadAll()).Message;
    }

    /// <summary>Reads, makes stories and writes; whatever comes of it is printable and well-formed.</summary>
    private static LogReport Examine(byte[] bytes)
    {
        LogReport report = new();
        using (LogReader reader = LogReader.FromStream(new MemoryStream(bytes), "log", report))
        {
            try
            {
                reader.ReadAll();
            }
            catch (MalformedInputException)
            {
                // A mutation may be an empty file, or look like one of another kind.
            }
        }

        foreach (LogStory story in report.Stories())
        {
            AssertHarmless(story.Title);
            AssertHarmless(story.What);
            AssertHarmless(story.Why);
            foreach (LogDetail detail in story.Details) AssertHarmless(detail.Value);
            foreach (string next in story.Next) AssertHarmless(next);
            foreach (string open in story.Open) AssertHarmless(open);
            AssertHarmless(story.First.Place.Stamp ?? string.Empty);
        }

        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream)) report.WriteFacts(writer);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        return report;
    }

    private static void AssertHarmless(string text)
    {
        foreach (char character in text)
        {
            if (char.IsControl(character)) Assert.Fail($"control character {(int)character:x} in '{text}'");
        }
    }

    /// <summary>The same text over and over, so many bytes.</summary>
    private sealed class RepeatedStream(string text, long length) : MemoryStream
    {
        private readonly byte[] _text = Encoding.UTF8.GetBytes(text);
        private long _position;

        public override bool CanSeek => false;

        public override int Read(Span<byte> buffer)
        {
            int count = (int)Math.Min(buffer.Length, length - _position);
            for (int done = 0; done < count;)
            {
                int from = (int)((_position + done) % _text.Length);
                int piece = Math.Min(_text.Length - from, count - done);
                _text.AsSpan(from, piece).CopyTo(buffer[done..]);
                done += piece;
            }

            // The last line ends with the last byte.
            if (count > 0 && _position + count == length) buffer[count - 1] = (byte)'\n';
            _position += count;
            return count;
        }
    }
}
