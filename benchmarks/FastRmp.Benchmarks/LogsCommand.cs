using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Text;
using FastRmp.Images;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>logs</c>: a log of 1 GiB with a fault in each 16 MiB, read within bounds of time and memory.</summary>
internal static class LogsCommand
{
    private const long LogBytes = 1L << 30;
    private const int PieceBytes = 16 << 20;
    private const double LeastBytesPerSecond = 200e6;
    private const long MostBytes = 64L << 20;

    private static readonly string[] Ordinary =
    [
        "BIOS-e820: [mem 0x0000000000100000-0x000000007ffdefff] usable",
        "pci 0000:00:1f.2: reg 0x24: [mem 0xfebd5000-0xfebd5fff]",
        "ACPI: PCI: Interrupt link LNKC configured for IRQ 11",
        "x86/fpu: xstate_offset[2]:  576, xstate_sizes[2]:  256",
        "ata1.00: 16777216 sectors, multi 16: LBA48 NCQ (depth 32)",
        "systemd[1]: Started systemd-journald.service - Journal Service.",
        "EXT4-fs (sda1): mounted filesystem 5c1b-a0 r/w with ordered data mode. Quota mode: none.",
        "audit: type=1400 audit(1764400000.123:42): apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\"",
    ];

    /// <summary>Reads the log and prints both figures with their bounds.</summary>
    /// <returns>0 if both bounds hold and every fault was found, else 1.</returns>
    internal static int Run()
    {
        byte[] piece = Piece();
        _ = Read(piece, 4);
        long residentBefore = Environment.WorkingSet;
        long started = Stopwatch.GetTimestamp();
        LogReport report = Read(piece, (int)(LogBytes / PieceBytes));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long resident = Environment.WorkingSet - residentBefore;
        double speed = report.ByteCount / seconds;
        bool complete = report.FaultCount == LogBytes / PieceBytes;
        bool holds = complete && speed >= LeastBytesPerSecond && resident < MostBytes;
        Print(
            $"Read               {report.ByteCount >> 20} MiB, {report.LineCount} lines, {report.FaultCount} faults{(complete ? "" : ": SOME MISSING")}");
        Print($"Speed              {speed / 1e6:F0} MB/s (bound {LeastBytesPerSecond / 1e6:F0} MB/s)");
        Print($"Resident memory    +{resident / (double)(1 << 20):F1} MiB (bound {MostBytes >> 20} MiB)");
        Print($"{(holds ? "Both bounds hold." : "A bound is exceeded.")}");
        return holds ? 0 : 1;
    }

    private static LogReport Read(byte[] piece, int times)
    {
        using RepeatedStream stream = new(piece, times);
        using LogReader reader = LogReader.FromStream(stream, "log");
        return reader.ReadAll();
    }

    private static byte[] Piece()
    {
        StringBuilder text = new(PieceBytes);
        List<string> fault =
        [
            "SEV-SNP: RMPUPDATE failed for PFN 146800, pg_level: 2, ret: 4",
            "BUG: unable to handle page fault for address: ffff888146800000",
            "#PF: supervisor write access in kernel mode",
            "#PF: error_code(0x80000003) - RMP violation",
        ];
        foreach (string line in fault) Add(text, line);
        for (int i = 0; text.Length < PieceBytes - 256; i++) Add(text, Ordinary[i % Ordinary.Length]);
        text.Append('-', PieceBytes - 1 - text.Length).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static void Add(StringBuilder text, string line) =>
        text.Append(CultureInfo.InvariantCulture, $"[{text.Length / 1e4,12:F6}] {line}\n");

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>A piece again and again.</summary>
    private sealed class RepeatedStream(byte[] piece, int times) : Stream
    {
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => (long)piece.Length * times;

        public override long Position { get => _position; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            int at = (int)(_position % piece.Length);
            int count = (int)Math.Min(Math.Min(buffer.Length, piece.Length - at), Length - _position);
            piece.AsSpan(at, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
