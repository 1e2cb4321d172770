using System;

namespace FastRmp.Images;

/// <summary>What a file is by its first bytes, where that is something that cannot be read here: its name, and how to make something of it
/// that can.</summary>
internal static class FileKinds
{
    /// <summary>The bytes of a file that decide.</summary>
    internal const int HeadBytes = 512;

    private const int TarMagic = 257;

    /// <summary>Names the format.</summary>
    /// <param name="head">The first bytes of the file, fewer if it is shorter.</param>
    /// <returns>What it is, and how to convert it, as the end of a sentence that begins with "is"; null if the format is
    /// not known.</returns>
    internal static string? Describe(ReadOnlySpan<byte> head) => Packed(head) ?? Memory(head) ?? Machine(head) ?? Trace(head);

    private static string? Packed(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
        {
            return "compressed with xz: unpack it with 'xz -d'";
        }

        if (head.Length > 3 && head.StartsWith("BZh"u8) && head[3] is >= (byte)'1' and <= (byte)'9')
        {
            return "compressed with bzip2: unpack it with 'bzip2 -d'";
        }

        // One layer of these two is unpacked: what is seen here is another one.
        if (head is [0x1F, 0x8B, 8, ..]) return "compressed with gzip: unpack it with 'gzip -d'";
        if (UnzstdStream.IsMagic(head)) return "compressed with zstd: unpack it with 'zstd -d'";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4D, 0x18])) return "compressed with lz4: unpack it with 'lz4 -d'";
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'L', (byte)'Z', (byte)'O', 0, 0x0D, 0x0A, 0x1A, 0x0A]))
        {
            return "compressed with lzop: unpack it with 'lzop -d'";
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x06, 0, 0, (byte)'s', (byte)'N', (byte)'a', (byte)'P', (byte)'p', (byte)'Y']))
        {
            return "compressed with snappy: unpack it first";
        }

        if (head.StartsWith("PK\u0003\u0004"u8)) return "a ZIP archive: unpack it first";
        if (head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C])) return "a 7z archive: unpack it first";
        return head.Length > TarMagic && head[TarMagic..].StartsWith("ustar"u8) ? "a tar archive: unpack it first" : null;
    }

    private static string? Memory(ReadOnlySpan<byte> head)
    {
        const string Use = "the image commands read it ('fastrmp info')";
        if (head.StartsWith("EMiL"u8)) return $"a LiME image of memory: {Use}";
        if (head.StartsWith("AVML"u8)) return $"an AVML image of memory: {Use}";
        if (head.StartsWith("KDUMP   "u8)) return $"a compressed kdump: {Use}";
        if (head.StartsWith("makedumpfile\0"u8)) return $"a dump in makedumpfile's flattened form: {Use}";
        if (head.StartsWith("DISKDUMP"u8))
        {
            return "a diskdump, compressed: it cannot be read yet; write an ELF core instead, with 'makedumpfile -E'";
        }

        if (head.StartsWith((ReadOnlySpan<byte>)[0xED, 0x23, 0x8F, 0x61, 0x73, 0x01, 0x19, 0xA8]))
        {
            return "an LKCD dump: write an ELF core with kdump instead";
        }

        if (head.StartsWith("PAGEDU64"u8))
        {
            return "a Windows crash dump of 64 bits (PAGEDU64): write an ELF core instead, with QEMU's dump-guest-memory without -w";
        }

        if (head.StartsWith("PAGEDUMP"u8)) return "a Windows crash dump of 32 bits (PAGEDUMP): only machines in long mode can be read";
        if (head.StartsWith("MDMP"u8)) return "a Windows minidump, the memory of one program: a dump of the whole machine is needed";
        return IsHibernation(head) ? "a Windows hibernation file: write an ELF core of the machine instead" : null;
    }

    private static bool IsHibernation(ReadOnlySpan<byte> head) =>
        head.StartsWith("HIBR"u8) || head.StartsWith("hibr"u8) || head.StartsWith("WAKE"u8) || head.StartsWith("wake"u8)
            || head.StartsWith("RSTR"u8);

    private static string? Machine(ReadOnlySpan<byte> head)
    {
        const string Dump = "load it, then write an ELF core with QEMU's dump-guest-memory";
        if (head.StartsWith((ReadOnlySpan<byte>)[(byte)'Q', (byte)'F', (byte)'I', 0xFB]))
        {
            return $"a qcow2 disk image; if it holds a snapshot of a machine (savevm), {Dump}";
        }

        if (head.StartsWith("QEVM"u8)) return $"the state of a QEMU machine (savevm, migration): {Dump}";
        if (head.StartsWith("LibvirtQemud"u8))
        {
            return "a machine saved by libvirt (virsh save): restore it, then write an ELF core with 'virsh dump --memory-only'";
        }

        if (head.Length > 3 && head[1] == 0xBE && head[2] == 0xD2 && head[3] == 0xBE && head[0] is >= 0xD0 and <= 0xD3)
        {
            return "a VMware suspend or snapshot file (vmss, vmsn): convert it with its vmem by VMware's 'vmss2core -N'";
        }

        if (head.StartsWith("KDMV"u8)) return "a VMware disk image (vmdk), not memory";
        if (head.StartsWith("vhdxfile"u8) || head.StartsWith("conectix"u8)) return "a Hyper-V disk image (vhd, vhdx), not memory";
        if (head.StartsWith("\u007fVirtualBox SavedState"u8))
        {
            return "a machine saved by VirtualBox: restore it, then write an ELF core with 'VBoxManage debugvm NAME dumpvmcore'";
        }

        if (head.StartsWith("Xen saved domain"u8) || head.StartsWith("LinuxGuestRecord"u8))
        {
            return "a domain saved by Xen: write an ELF core with 'xl dump-core' instead";
        }

        return head.StartsWith("EVF\t\r\n"u8) ? "an EnCase image (EWF): export what is in it with 'ewfexport'" : null;
    }

    /// <summary>Whether a file begins with eight printable ASCII characters of two or four bytes each, without a byte order
    /// mark.</summary>
    private static bool IsWideText(ReadOnlySpan<byte> head, int width, int first)
    {
        const int Looked = 8;
        if (head.Length < Looked * width) return false;
        for (int i = 0; i < Looked * width; i++)
        {
            bool isRight = i % width == first ? head[i] is (>= (byte)' ' and <= (byte)'~') or (byte)'\r' or (byte)'\n' : head[i] == 0;
            if (!isRight) return false;
        }

        return true;
    }

    private static string? Trace(ReadOnlySpan<byte> head)
    {
        if (head is [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..] || IsWideText(head, width: 4, first: 0)
            || IsWideText(head, width: 4, first: 3))
        {
            return "text in UTF-32: convert it with 'iconv -f UTF-32 -t UTF-8'";
        }

        if (IsWideText(head, width: 2, first: 0)) return "text in UTF-16: convert it with 'iconv -f UTF-16LE -t UTF-8'";
        if (IsWideText(head, width: 2, first: 1)) return "text in UTF-16: convert it with 'iconv -f UTF-16BE -t UTF-8'";
        if (head is [0xFF, 0xFE, not 0, 0, ..] or [0xFE, 0xFF, 0, not 0, ..])
        {
            return "text in UTF-16: convert it with 'iconv -f UTF-16 -t UTF-8'";
        }

        if (head.StartsWith("PERFILE"u8) || head.StartsWith("PERFFILE"u8))
        {
            return "a record of perf (perf.data): give what 'perf script -i FILE' prints";
        }

        if (head.StartsWith("\u0017\bDtracing"u8)) return "a record of trace-cmd (trace.dat): give what 'trace-cmd report FILE' prints";
        if (head.StartsWith((ReadOnlySpan<byte>)[0xC1, 0x1F, 0xFC, 0xC1]) || head.StartsWith((ReadOnlySpan<byte>)[0xC1, 0xFC, 0x1F, 0xC1]))
        {
            return "a trace in CTF (LTTng): record with ftrace or perf instead";
        }

        return head.StartsWith("{"u8) && head.IndexOf("linux-perf-json-version"u8) >= 0
            ? "what 'perf data convert --to-json' writes: give what 'perf script' prints"
            : null;
    }
}
