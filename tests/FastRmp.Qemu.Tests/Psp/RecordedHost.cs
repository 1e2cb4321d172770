using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Linq;

namespace FastRmp.Qemu.Tests.Psp;

/// <summary>What an unmodified kernel asked of its RMP and of firmware: <c>tests/Fixtures/real-kernel/kvm-7.3.*</c>.</summary>
internal static class RecordedHost
{
    /// <summary>A command as the kernel gave it.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Page">The page that it is about, where the recorder knew; else null.</param>
    /// <param name="Entry">The low quadword of that page's RMP entry before the command.</param>
    /// <param name="Buffer">The address of its buffer; 0 without one.</param>
    /// <param name="Bytes">The first bytes of the buffer.</param>
    internal sealed record Command(string Name, ulong? Page, ulong Entry, ulong Buffer, byte[] Bytes)
    {
        /// <summary>A quadword of the buffer.</summary>
        internal ulong Quadword(int index) => BitConverter.ToUInt64(Bytes, index * sizeof(ulong));
    }

    /// <summary>An RMPUPDATE.</summary>
    /// <param name="Page">The page.</param>
    /// <param name="Operand">What it asked for.</param>
    /// <param name="Code">The code that it was answered.</param>
    internal sealed record Update(ulong Page, RmpUpdateOperand Operand, ulong Code);

    /// <summary>The commands in the order of time.</summary>
    internal static IReadOnlyList<Command> Commands { get; } = [.. Lines("firmware").Select(ParseCommand)];

    /// <summary>The RMPUPDATEs in order.</summary>
    internal static IReadOnlyList<Update> Updates { get; } =
        [.. Lines("trace").Where(static line => line.Contains("RMPUPDATE", StringComparison.Ordinal)).Select(ParseUpdate)];

    /// <summary>The lines of a file.</summary>
    internal static IEnumerable<string> Lines(string kind)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "real-kernel", $"kvm-7.3.{kind}.txt.gz");
        using StreamReader reader = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>SECONDS NAME [PAGE entry ENTRY] buffer ADDRESS: BYTES.</summary>
    private static Command ParseCommand(string line)
    {
        string[] words = line.Split(' ');
        bool hasPage = words[3] == "entry";
        int at = Array.IndexOf(words, "buffer") + 1;
        return new Command(
            words[1], hasPage ? Hex(words[2]) : null, hasPage ? Hex(words[4]) : 0, Hex(words[at].TrimEnd(':')),
            Convert.FromHexString(words[at + 1]));
    }

    /// <summary>cpuN RMPUPDATE PAGE 4k assigned A asid ASID gpa GPA immutable I -> CODE NAME.</summary>
    private static Update ParseUpdate(string line)
    {
        string[] words = line.Split(' ');
        RmpUpdateOperand operand = new()
        {
            Assigned = words[5] == "1",
            Asid = uint.Parse(words[7], CultureInfo.InvariantCulture),
            Gpa = Hex(words[9]),
            Immutable = words[11] == "1",
        };
        return new Update(Hex(words[2]), operand, ulong.Parse(words[13], CultureInfo.InvariantCulture));
    }

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
