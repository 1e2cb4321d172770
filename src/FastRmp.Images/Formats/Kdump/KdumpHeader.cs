using System;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace FastRmp.Images;

/// <summary>The two headers of a compressed kdump, as x86-64 writes them.</summary>
/// <remarks>Source: makedumpfile, diskdump_mod.h (disk_dump_header, kdump_sub_header); QEMU, include/sysemu/dump.h. The header fills a
/// block of its own, and so does the sub-header, or several. Fields that an older version lacks are zero.</remarks>
internal sealed record KdumpHeader
{
    internal const int BlockBytes = 4096;

    private const int HeaderBytes = 464;
    private const int SubHeaderBytes = 104;
    private const int NameBytes = 65;
    private const int SystemAt = 12;
    private const int NodeNameAt = 12 + NameBytes;
    private const int ReleaseAt = 12 + (2 * NameBytes);
    private const int VersionAt = 12 + (3 * NameBytes);
    private const int MachineAt = 12 + (4 * NameBytes);
    private const uint Incomplete = 8;
    private const int QemuDumpLevel = 1;

    internal int Version { get; private init; }

    internal string SystemName { get; private init; } = string.Empty;

    internal string NodeName { get; private init; } = string.Empty;

    internal string Release { get; private init; } = string.Empty;

    internal string KernelVersion { get; private init; } = string.Empty;

    internal string Machine { get; private init; } = string.Empty;

    /// <summary>Seconds since 1970; zero if the writer had no clock.</summary>
    internal long Time { get; private init; }

    internal uint Status { get; private init; }

    /// <summary>Whether QEMU wrote it: of the kernel's names it knows none but the machine's, <c>x86_64</c> or <c>Unknown</c>, it has no
    /// clock for it, and its level is always 1. makedumpfile fills in all names if it finds the kernel's, else none.</summary>
    internal bool IsByQemu => Machine.Length != 0 && SystemName.Length == 0 && NodeName.Length == 0 && Release.Length == 0
        && KernelVersion.Length == 0 && Time == 0 && DumpLevel == QemuDumpLevel;

    internal bool IsIncomplete => (Status & Incomplete) != 0;

    /// <summary>Where the bitmaps begin, in bytes.</summary>
    internal ulong BitmapAt { get; private init; }

    /// <summary>Bytes of both bitmaps, or of the one that there is.</summary>
    internal ulong BitmapBytes { get; private init; }

    /// <summary>Whether there are two: which pages the machine has, and which the dump has.</summary>
    internal bool HasTwoBitmaps => BitmapBytes / BlockBytes >= 2 * Blocks((Pages + 7) / 8);

    /// <summary>Page frames that the bitmaps are about.</summary>
    internal ulong Pages { get; private init; }

    internal uint Processors { get; private init; }

    internal int DumpLevel { get; private init; }

    internal bool IsSplit { get; private init; }

    internal ulong FirstPage { get; private init; }

    internal ulong EndPage { get; private init; }

    internal ulong NotesAt { get; private init; }

    internal ulong NotesBytes { get; private init; }

    internal ulong VmCoreInfoAt { get; private init; }

    internal ulong VmCoreInfoBytes { get; private init; }

    /// <summary>Where the bitmap of the pages that the dump has begins.</summary>
    internal ulong DumpedAt => BitmapAt + (HasTwoBitmaps ? BitmapBytes / 2 : 0);

    internal ulong DescriptorsAt => BitmapAt + BitmapBytes;

    private static ReadOnlySpan<byte> Signature => "KDUMP   "u8;

    internal static bool IsMagic(ReadOnlySpan<byte> head) => head.StartsWith(Signature);

    /// <summary>Reads both headers.</summary>
    /// <exception cref="MalformedInputException">They are not those of a dump of x86-64.</exception>
    internal static KdumpHeader Read(string name, ByteSource source)
    {
        byte[] bytes = new byte[HeaderBytes];
        if (!source.TryRead(0, bytes)) throw At(name, source.Length, "is a compressed kdump that ends inside its header");
        ReadOnlySpan<byte> header = bytes;
        int version = BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        uint block = Word(header, 428);
        if (block != BlockBytes)
        {
            throw At(name, 428, Text($"is a compressed kdump whose block size is {block}, not the {BlockBytes} of x86-64"));
        }

        string machine = Name(header, MachineAt);
        if (machine is not ("x86_64" or "Unknown" or ""))
        {
            throw At(name, MachineAt, $"is a compressed kdump of a machine '{machine}', not x86_64");
        }

        ulong subBlocks = Word(header, 432);
        ulong bitmapAt = (1 + subBlocks) * BlockBytes;
        byte[] rest = new byte[SubHeaderBytes];
        if (subBlocks == 0 || !source.TryRead(BlockBytes, rest)) throw At(name, 432, "is a compressed kdump without a sub-header");
        ReadOnlySpan<byte> sub = rest;
        ulong pages = version >= 6 && Long(sub, 96) != 0 ? Long(sub, 96) : Word(header, 440);
        ulong bitmapBytes = (ulong)Word(header, 436) * BlockBytes;
        const ulong MaxPages = (PhysicalAddress.ValidMask + 1) / BlockBytes;
        if (pages == 0 || pages > MaxPages || bitmapBytes * 8 < pages || bitmapBytes > source.HeldBytes
            || !source.Contains(bitmapAt, bitmapBytes))
        {
            throw At(
                name, 436,
                Text(
                    $"is a compressed kdump whose bitmaps, 0x{bitmapBytes:x} bytes at 0x{bitmapAt:x} for 0x{pages:x} pages, do not fit a file of 0x{source.Length:x} bytes"));
        }

        bool isWide = version >= 6 && Long(sub, 88) != 0;
        return new KdumpHeader
        {
            Version = version,
            SystemName = Name(header, SystemAt),
            NodeName = Name(header, NodeNameAt),
            Release = Name(header, ReleaseAt),
            KernelVersion = Name(header, VersionAt),
            Machine = machine,
            Time = (long)Long(header, 408),
            Status = Word(header, 424),
            BitmapAt = bitmapAt,
            BitmapBytes = bitmapBytes,
            Pages = pages,
            Processors = Word(header, 460),
            DumpLevel = version >= 1 ? BinaryPrimitives.ReadInt32LittleEndian(sub[8..]) : 0,
            IsSplit = version >= 2 && Word(sub, 12) != 0,
            FirstPage = version < 2 ? 0 : Long(sub, isWide ? 80 : 16),
            EndPage = version < 2 ? 0 : Long(sub, isWide ? 88 : 24),
            VmCoreInfoAt = version >= 3 ? Long(sub, 32) : 0,
            VmCoreInfoBytes = version >= 3 ? Long(sub, 40) : 0,
            NotesAt = version >= 4 ? Long(sub, 48) : 0,
            NotesBytes = version >= 4 ? Long(sub, 56) : 0,
        };
    }

    /// <summary>Whether two files can be parts of one dump.</summary>
    internal bool IsOfSameDump(KdumpHeader other) =>
        Version == other.Version && Release == other.Release && KernelVersion == other.KernelVersion && NodeName == other.NodeName
            && Time == other.Time && Pages == other.Pages && DumpLevel == other.DumpLevel && BitmapBytes == other.BitmapBytes;

    private static ulong Blocks(ulong bytes) => (bytes + BlockBytes - 1) / BlockBytes;

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong Long(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);

    private static string Name(ReadOnlySpan<byte> bytes, int at)
    {
        ReadOnlySpan<byte> name = bytes.Slice(at, NameBytes);
        int end = name.IndexOf((byte)0);
        return PrintableText.Of(Encoding.Latin1.GetString(end < 0 ? name : name[..end]));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static MalformedInputException At(string name, ulong offset, string reason) =>
        new(InputProblem.AtOffset(name, offset, reason));
}
