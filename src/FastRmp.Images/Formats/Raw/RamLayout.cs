using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;

namespace FastRmp.Images;

/// <summary>Where the bytes of raw memory belong: a file without any header does not say.</summary>
/// <remarks>Immutable; any threads may share it.</remarks>
public sealed class RamLayout
{
    private const ulong FourGigabytes = 1UL << 32;
    private const ulong PageMask = 0xFFF;
    private const int MaxTextBytes = 1 << 20;

    private readonly MemorySegment[] _pieces; // empty if the listing decides
    private readonly IomemListing? _listing;

    private RamLayout(MemorySegment[] pieces, IomemListing? listing)
    {
        _pieces = pieces;
        _listing = listing;
    }

    /// <summary>Takes the machine's RAM from its <c>/proc/iomem</c>. The file is then one of three kinds, which its size tells: all
    /// physical memory with the holes in it (pmemsave, dd of <c>/dev/mem</c>); the System RAM without the holes (LiME's <c>raw</c>); QEMU's
    /// RAM, what lies below 4 GiB and then what lies above.</summary>
    /// <param name="listing">The listing.</param>
    /// <returns>The layout.</returns>
    public static RamLayout FromListing(IomemListing listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        return new RamLayout([], listing);
    }

    /// <summary>Reads a layout from a file.</summary>
    /// <param name="path">A listing in the form of <c>/proc/iomem</c>; or lines of three hexadecimal numbers: physical start, physical end
    /// (exclusive), offset in the file; <c>#</c> begins a remark.</param>
    /// <returns>The layout.</returns>
    /// <exception cref="IOException">The file is missing, unreadable or a directory.</exception>
    /// <exception cref="MalformedInputException">It is neither.</exception>
    public static RamLayout Open(string path)
    {
        using InputStream stream = InputStream.Open(path);
        byte[] bytes = new byte[MaxTextBytes];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        List<MemorySegment> pieces = [];
        using StringReader lines = new(System.Text.Encoding.Latin1.GetString(bytes, 0, length));
        for (long number = 1; lines.ReadLine() is { } line; number++)
        {
            string text = line.Split('#')[0].Trim();
            if (text.Length == 0) continue;
            string[] words = text.Split(' ', '\t');
            words = Array.FindAll(words, static word => word.Length != 0);
            if (words.Length != 3 || !TryHex(words[0], out ulong start) || !TryHex(words[1], out ulong end)
                || !TryHex(words[2], out ulong offset))
            {
                if (pieces.Count != 0)
                {
                    throw new MalformedInputException(InputProblem.AtLine(path, number, "is not of the form START END OFFSET"));
                }

                using MemoryStream again = new(bytes, 0, length, writable: false);
                return FromListing(IomemListing.Read(again, path));
            }

            if (!TryPiece(start, end, offset, out MemorySegment piece))
            {
                throw new MalformedInputException(InputProblem.AtLine(path, number, "is no range of physical memory"));
            }

            pieces.Add(piece);
        }

        if (pieces.Count == 0) throw new MalformedInputException(InputProblem.InFile(path, "holds neither a listing nor a layout"));
        return new RamLayout([.. pieces], null);
    }

    /// <summary>Reads a layout from text: ranges <c>START-LAST[@OFFSET]</c> of hexadecimal numbers, the last address inclusive, with commas
    /// between them. A range without an offset follows the one before in the file.</summary>
    /// <param name="text">For instance <c>0-7ffffff,100000000-107ffffff</c>.</param>
    /// <param name="layout">The layout; null if the text is none.</param>
    /// <returns>Whether the text is a layout.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out RamLayout? layout)
    {
        ArgumentNullException.ThrowIfNull(text);
        layout = null;
        List<MemorySegment> pieces = [];
        ulong next = 0;
        foreach (string range in text.Split(','))
        {
            string[] parts = range.Split('@');
            string[] ends = parts[0].Split('-');
            ulong offset = next;
            if (parts.Length > 2 || ends.Length != 2 || !TryHex(ends[0], out ulong start) || !TryHex(ends[1], out ulong last)
                || (parts.Length == 2 && !TryHex(parts[1], out offset)) || last == ulong.MaxValue
                || !TryPiece(start, last + 1, offset, out MemorySegment piece))
            {
                return false;
            }

            pieces.Add(piece);
            next = piece.Offset + piece.Length;
        }

        layout = new RamLayout([.. pieces], null);
        return true;
    }

    /// <summary>The pieces of a file of a size.</summary>
    /// <exception cref="MalformedInputException">The listing and the size do not go together.</exception>
    internal MemorySegment[] Pieces(string name, ulong length)
    {
        if (_listing is null) return _pieces;
        ReadOnlySpan<PhysicalRange> ram = _listing.SystemRam;
        ulong total = 0;
        ulong lowEnd = 0;
        foreach (PhysicalRange range in ram)
        {
            total += range.Length;
            if (range.Start.Value < FourGigabytes) lowEnd = range.End;
        }

        ulong end = ram[^1].End;
        if (length >= end) return [new MemorySegment(default, 0, length)];
        if (length == total) return Joined(ram);
        ulong high = end > FourGigabytes ? end - FourGigabytes : 0;
        ulong low = length - Math.Min(high, length);
        if (low >= lowEnd && low <= FourGigabytes && (low & PageMask) == 0)
        {
            return high == 0 ? [new MemorySegment(default, 0, low)]
                : [new MemorySegment(default, 0, low), new MemorySegment(PhysicalAddress.Create(FourGigabytes), low, high)];
        }

        throw new MalformedInputException(InputProblem.InFile(name, string.Create(
            CultureInfo.InvariantCulture,
            $"has 0x{length:x} bytes: neither all memory up to 0x{end:x}, nor the 0x{total:x} bytes of System RAM that {_listing.Name} lists, nor QEMU's RAM of that machine; give the layout itself")));
    }

    private static MemorySegment[] Joined(ReadOnlySpan<PhysicalRange> ram)
    {
        MemorySegment[] pieces = new MemorySegment[ram.Length];
        ulong offset = 0;
        for (int index = 0; index < ram.Length; index++)
        {
            pieces[index] = new MemorySegment(ram[index].Start, offset, ram[index].Length);
            offset += ram[index].Length;
        }

        return pieces;
    }

    private static bool TryPiece(ulong start, ulong end, ulong offset, out MemorySegment piece)
    {
        piece = default;
        if (end <= start || end > PhysicalAddress.ValidMask + 1 || offset > long.MaxValue) return false;
        piece = new MemorySegment(PhysicalAddress.Create(start), offset, end - start);
        return true;
    }

    private static bool TryHex(string text, out ulong value)
    {
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        return ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
