using System;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests;

public class FileKindsTests
{
    public static TheoryData<string, string, string> Kinds => new()
    {
        { "DISKDUMP\u0001\0\0\0", "diskdump", "makedumpfile -E" },
        { "\u00ED#\u008Fas\u0001\u0019\u00A8", "LKCD", "kdump" },
        { "QFI\u00FB\0\0\0\u0003", "qcow2", "dump-guest-memory" },
        { "QEVM\0\0\0\u0003", "QEMU machine", "dump-guest-memory" },
        { "LibvirtQemudSave", "libvirt", "virsh dump --memory-only" },
        { "\u00D2\u00BE\u00D2\u00BE\u0008\0\0\0", "VMware", "vmss2core" },
        { "\u00D0\u00BE\u00D2\u00BE\u0008\0\0\0", "VMware", "vmss2core" },
        { "KDMV\u0001\0\0\0", "VMware disk", "not memory" },
        { "vhdxfile", "Hyper-V", "not memory" },
        { "conectix", "Hyper-V", "not memory" },
        { "\u007FVirtualBox SavedState V2.0", "VirtualBox", "dumpvmcore" },
        { "Xen saved domain, xl format", "Xen", "xl dump-core" },
        { "PAGEDU64", "Windows crash dump", "dump-guest-memory" },
        { "PAGEDUMP", "Windows crash dump", "long mode" },
        { "MDMP\u0093\u00A7", "minidump", "whole machine" },
        { "HIBR\0\0\0\0", "hibernation", "ELF core" },
        { "EVF\t\r\n\u00FF\0", "EnCase", "ewfexport" },
        { "\u00FD7zXZ\0", "xz", "xz -d" },
        { "BZh91AY&SY", "bzip2", "bzip2 -d" },
        { "\u0004\u0022M\u0018", "lz4", "lz4 -d" },
        { "\u0089LZO\0\r\n\u001A\n", "lzop", "lzop -d" },
        { "PK\u0003\u0004", "ZIP", "unpack" },
        { "PERFILE2", "perf", "perf script" },
        { "\u0017\u0008Dtracing", "trace-cmd", "trace-cmd report" },
        { "\u00C1\u001F\u00FC\u00C1", "CTF", "ftrace" },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Files_that_cannot_be_read_are_named_by_their_first_bytes_with_a_way_out(string begin, string name, string way)
    {
        byte[] head = Encoding.Latin1.GetBytes(begin);
        foreach (int length in (ReadOnlySpan<int>)[head.Length, 600, 20_000])
        {
            byte[] file = new byte[length];
            head.CopyTo(file, 0);
            MalformedInputException core = Assert.Throws<MalformedInputException>(
                () => MemoryImage.Read(ImageFile.Read(new MemoryStream(file), "mem")));
            Assert.StartsWith("mem: is ", core.Message, StringComparison.Ordinal);
            Assert.Contains(name, core.Message, StringComparison.Ordinal);
            Assert.Contains(way, core.Message, StringComparison.Ordinal);
            MalformedInputException rmp = Assert.Throws<MalformedInputException>(
                () =>
                    RmpImage.Read(
                        ImageFile.Read(new MemoryStream(file), "mem"),
                        new RmpGeometry(ContiguousGeometry.Covering(PhysicalAddress.Create(1UL << 30), 1UL << 30))));
            Assert.Equal(core.Message, rmp.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_beginning_cut_short_is_named_or_not_and_never_an_exception(string begin, string name, string way)
    {
        ArgumentNullException.ThrowIfNull(begin);
        byte[] head = Encoding.Latin1.GetBytes(begin);
        for (int length = 0; length < head.Length; length++)
        {
            string? kind = FileKinds.Describe(head.AsSpan(0, length));
            Assert.True(kind is null || (kind.Contains(name, StringComparison.Ordinal) && kind.Contains(way, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void Random_beginnings_are_answered()
    {
        Mutator mutator = new(seed: 31);
        byte[] original = new byte[600];
        "makedumpfile"u8.CopyTo(original);
        for (int round = 0; round < 5000; round++)
        {
            string? kind = FileKinds.Describe(mutator.Mutate(original, head: 40));
            Assert.True(kind is null || kind.Length > 10);
        }
    }

    [Fact]
    public void A_tar_archive_is_known_by_its_place_and_text_by_nothing()
    {
        byte[] tar = new byte[512];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        Assert.Contains("tar", FileKinds.Describe(tar), StringComparison.Ordinal);
        Assert.Null(FileKinds.Describe("# tracer: nop"u8));
        Assert.Null(FileKinds.Describe("\u007fELF"u8));
        Assert.Null(FileKinds.Describe(new byte[4096]));
    }
}
