using System;
using System.Buffers.Text;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace FastRmp.Images;

/// <summary>The RAM of a machine as the kernel lists it in <c>/proc/iomem</c>.</summary>
/// <remarks>Immutable; any threads may read.</remarks>
public sealed class IomemListing
{
    private const int NoDepth = int.MaxValue;

    private readonly PhysicalRange[] _systemRam;

    private IomemListing(string name, PhysicalRange[] systemRam)
    {
        Name = name;
        _systemRam = systemRam;
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    /// <summary>The <c>System RAM</c>, in order of address, to the byte: a range need not hold whole pages.</summary>
    /// <remarks>
    /// <para>Memory that a driver hands to the kernel is listed under the driver's resource, as <c>System RAM (kmem)</c>, <c>System RAM
    /// (virtio_mem)</c>, or before Linux 5.10 as plain
    /// <c>System RAM</c>; it is mapped as all RAM is. Source: Linux mm/memory_hotplug.c (register_memory_resource),
    /// drivers/dax/kmem.c.</para>
    /// <para>
    /// Adjacent ranges of the listing are one here, also inside a page: the kernel adds all of them to memblock, which joins adjacent ones,
    /// before it looks at pages. Boot loaders that leave data in RAM split the listing inside pages. Source: Linux arch/x86/kernel/e820.c
    /// (e820__memblock_setup), mm/memblock.c.
    /// </para>
    /// </remarks>
    public ReadOnlySpan<PhysicalRange> SystemRam => _systemRam;

    private static ReadOnlySpan<byte> Separator => " : "u8;

    private static ReadOnlySpan<byte> SystemRamName => "System RAM"u8;

    /// <summary>Opens a listing.</summary>
    /// <param name="path">The file: plain or gzip; <c>/proc/iomem</c> itself will do.</param>
    /// <returns>The listing.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">As for <see cref="Read(Stream, string)"/>.</exception>
    public static IomemListing Open(string path)
    {
        using InputStream stream = InputStream.Open(path);
        return Read(stream);
    }

    /// <summary>Reads a listing.</summary>
    /// <param name="stream">The text, plain or gzip; stays open.</param>
    /// <param name="name">The input's name for messages.</param>
    /// <returns>The listing.</returns>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="MalformedInputException">A line is not part of a listing, two ranges of RAM overlap, there is no RAM, or every
    /// address is zero because the listing was read without root.</exception>
    public static IomemListing Read(Stream stream, string name)
    {
        using InputStream input = new(stream, name, leaveOpen: true);
        return Read(input);
    }

    internal static IomemListing Read(InputStream stream)
    {
        using LineReader lines = new(stream, leaveOpen: true);
        List<(PhysicalRange Range, long Line)> ram = [];
        bool anyAddress = false;
        int ramDepth = NoDepth;
        while (lines.TryRead(out ReadOnlySpan<byte> line))
        {
            if (lines.IsTooLong) throw At(stream, lines.LineNumber, $"is longer than {LineReader.MaxLineBytes} bytes");
            // A mail indents what it quotes by a space: only differences of depth count.
            ReadOnlySpan<byte> text = LinePrefixes.Unquoted(line, lines.LineNumber);
            if (text.TrimEnd(" \t"u8).IsEmpty) continue;
            if (!TryParse(text, out ulong first, out ulong last, out int depth, out ReadOnlySpan<byte> resource))
            {
                throw At(stream, lines.LineNumber, "is not of the form START-END : NAME");
            }

            if (last < first)
            {
                throw At(
                    stream, lines.LineNumber,
                    string.Create(CultureInfo.InvariantCulture, $"the range ends at 0x{last:x}, below its start 0x{first:x}"));
            }

            anyAddress |= last != 0;
            if (depth > ramDepth) continue; // what RAM holds: the kernel's code, a crash kernel
            ramDepth = NoDepth;
            if (!IsRam(resource)) continue;
            ramDepth = depth;
            if (last > PhysicalAddress.ValidMask)
            {
                throw At(
                    stream, lines.LineNumber,
                    string.Create(
                        CultureInfo.InvariantCulture, $"System RAM up to 0x{last:x} passes the end of the 52-bit physical address space"));
            }

            ram.Add((new PhysicalRange(PhysicalAddress.Truncate(first), last - first + 1), lines.LineNumber));
        }

        if (lines.LineNumber == 0) throw new MalformedInputException(InputProblem.InFile(stream.Name, "the file is empty"));
        if (!anyAddress)
        {
            throw new MalformedInputException(
                InputProblem.AtLine(stream.Name, 1, "every address is zero: the listing was read without root; read /proc/iomem as root"));
        }

        if (ram.Count == 0)
        {
            throw new MalformedInputException(
                InputProblem.AtLine(stream.Name, lines.LineNumber, "the listing ends without one System RAM range"));
        }

        return new IomemListing(stream.Name, Order(stream, ram));
    }

    private static PhysicalRange[] Order(InputStream stream, List<(PhysicalRange Range, long Line)> ram)
    {
        ram.Sort(static (left, right) => left.Range.Start.CompareTo(right.Range.Start));
        List<PhysicalRange> ranges = new(ram.Count);
        for (int index = 0; index < ram.Count; index++)
        {
            (PhysicalRange range, long line) = ram[index];
            if (index == 0 || range.Start.Value > ranges[^1].End)
            {
                ranges.Add(range);
                continue;
            }

            PhysicalRange before = ranges[^1];
            if (range.Start.Value < before.End)
            {
                throw At(
                    stream, Math.Max(line, ram[index - 1].Line),
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"System RAM at 0x{range.Start.Value:x} overlaps the range that ends at 0x{before.End - 1:x}"));
            }

            ranges[^1] = before with { Length = before.Length + range.Length };
        }

        return [.. ranges];
    }

    // The indentation, in spaces or tabs, shows which resource contains which.
    private static bool TryParse(ReadOnlySpan<byte> line, out ulong first, out ulong last, out int depth, out ReadOnlySpan<byte> name)
    {
        last = 0;
        name = default;
        ReadOnlySpan<byte> rest = line.TrimStart(" \t"u8);
        depth = line.Length - rest.Length;
        if (!Utf8Parser.TryParse(rest, out first, out int digits, 'x')) return false;
        rest = rest[digits..];
        if (rest.IsEmpty || rest[0] != '-' || !Utf8Parser.TryParse(rest[1..], out last, out digits, 'x')) return false;
        rest = rest[(1 + digits)..];
        if (!rest.StartsWith(Separator)) return false;
        name = rest[Separator.Length..].TrimEnd(" \t"u8);
        return true;
    }

    private static bool IsRam(ReadOnlySpan<byte> name) =>
        name.StartsWith(SystemRamName)
            && (name.Length == SystemRamName.Length || (name[SystemRamName.Length..].StartsWith(" ("u8) && name[^1] == ')'));

    private static MalformedInputException At(InputStream stream, long line, string reason) =>
        new(InputProblem.AtLine(stream.Name, line, reason));
}
