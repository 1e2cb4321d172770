using System;
using System.IO;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Formats;

/// <summary>What images say about themselves, and the traps of each format.</summary>
public class DescriptionTests
{
    private const string Release = "6.1.0-57-amd64";

    [Theory]
    [InlineData("qemu/core.elf.zst", MemoryImageFormat.ElfCore, "QEMU", null, Release)]
    [InlineData("qemu/kdump-lzo.kdump.zst", MemoryImageFormat.Kdump, "QEMU", "lzo", Release)]
    [InlineData("makedumpfile/zstd-d31.kdump.zst", MemoryImageFormat.Kdump, "makedumpfile, from a core of QEMU", "zstd", Release)]
    [InlineData("makedumpfile/plain-d31.kdump.zst", MemoryImageFormat.Kdump, "makedumpfile, from a core of QEMU", null, Release)]
    [InlineData("makedumpfile/elf-d31.elf.zst", MemoryImageFormat.ElfCore, "makedumpfile, from a core of QEMU", null, Release)]
    [InlineData("vmcore/vmcore.elf.zst", MemoryImageFormat.ElfCore, "Linux (/proc/vmcore)", null, Release)]
    [InlineData("vmcore/zlib-d31.kdump.zst", MemoryImageFormat.Kdump, "makedumpfile", "zlib", Release)]
    [InlineData("kcore/compact.elf.zst", MemoryImageFormat.KernelCore, "Linux (/proc/kcore)", null, Release)]
    [InlineData("lime/lime.lime.zst", MemoryImageFormat.Lime, "LiME", null, null)]
    [InlineData("lime/avml-v2-compressed.avml.zst", MemoryImageFormat.Avml, "AVML", "snappy", null)]
    [InlineData("synthetic/virtualbox.elf.zst", MemoryImageFormat.VirtualBoxCore, "VirtualBox 6.1.0", null, null)]
    public void Format_writer_and_kernel_are_named(
        string name, MemoryImageFormat format, string writer, string? compression, string? release)
    {
        using MemoryImage image = SharedImages.Open(name);
        ImageDescription description = image.Description;
        Assert.Equal((format, compression, release), (description.Format, description.Compression, description.KernelRelease));
        Assert.StartsWith(writer, description.Writer, StringComparison.Ordinal);
        Assert.Equal("zstd", description.Packing);
        Assert.False(description.IsFlattened);
        Assert.Equal([SharedImages.PathOf(name)], description.Files);
        Assert.Equal(Release, image.FindVmCoreInfo(TestContext.Current.CancellationToken)?.Release);
        Assert.NotEqual("unknown", format.Name());
        Assert.NotEqual("unknown", format.Keyword());
    }

    /// <summary>Headers as QEMU 7.2 and 10.0, and makedumpfile with and without the kernel's names, write them.</summary>
    [Theory]
    [InlineData(false, "x86_64", 1, "QEMU")]
    [InlineData(false, "Unknown", 1, "QEMU")]
    [InlineData(false, "", 0, "makedumpfile, from a core of QEMU")]
    [InlineData(false, "", 1, "makedumpfile, from a core of QEMU")]
    [InlineData(false, "Unknown", 31, "makedumpfile, from a core of QEMU")]
    [InlineData(true, "x86_64", 1, "makedumpfile, from a core of QEMU")]
    public void The_writer_of_a_kdump_is_told_by_what_it_fills_in(bool isNamed, string machine, int level, string writer)
    {
        byte[] notes = new CoreBuilder().Cpu(0x1000).Build()[(64 + 56)..];
        byte[] dump = new KdumpBuilder { IsNamed = isNamed, Machine = machine, DumpLevel = level, Notes = notes }
            .Add(1, new byte[4096], "zlib").Build();
        using MemoryStream stream = new(dump);
        using MemoryImage image = MemoryImage.Read(ImageFile.Read(stream, "in"));
        Assert.Equal(0, image.Problems.Count);
        Assert.Single(image.Cpus.ToArray());
        Assert.StartsWith(writer, image.Description.Writer, StringComparison.Ordinal);
        Assert.Equal(writer == "QEMU" ? null : level, image.Description.DumpLevel);
    }

    [Theory]
    [InlineData(0, "", null, null)]
    [InlineData(2, "", "lzo", "lzo")]
    [InlineData(0x20, "", "zstd", "zstd")]
    [InlineData(6, "", "lzo and snappy", "lzo and snappy")]
    [InlineData(0, "zlib", "zlib", null)]
    [InlineData(4, "zlib", "zlib", "snappy")]
    public void The_compression_of_pages_counts_and_that_of_the_header_is_told(uint status, string codec, string? pages, string? header)
    {
        byte[] dump = new KdumpBuilder { Status = status }.Add(1, new byte[4096], codec).Build();
        using MemoryStream stream = new(dump);
        using MemoryImage image = MemoryImage.Read(ImageFile.Read(stream, "in"));
        Assert.Equal((pages, header), (image.Description.Compression, image.Description.DeclaredCompression));
    }

    [Fact]
    public void The_time_of_a_crash_and_the_dump_level_are_told()
    {
        using MemoryImage crash = SharedImages.Open("vmcore/zstd-d31.kdump.zst");
        Assert.Equal(1_795_953_495, crash.Description.Time?.ToUnixTimeSeconds());
        Assert.Equal(31, crash.Description.DumpLevel);
        Assert.Equal(Release, crash.Description.KernelRelease);
        Assert.Contains("Debian 6.1.192-3", crash.Description.KernelVersion, StringComparison.Ordinal);
        using MemoryImage core = SharedImages.Open("vmcore/vmcore.elf.zst");
        Assert.InRange(core.Description.Time!.Value.ToUnixTimeSeconds(), 1_795_953_000, 1_795_954_000);
        using MemoryImage qemu = SharedImages.Open("qemu/kdump-zlib.flat.zst");
        Assert.Equal((true, null, null), (qemu.Description.IsFlattened, qemu.Description.DumpLevel, qemu.Description.Time));
    }

    [Fact]
    public void A_dump_that_a_full_disk_cut_short_has_lost_pages_and_says_so()
    {
        using MemoryImage image = SharedImages.Open("makedumpfile/incomplete-disk-full.kdump.zst");
        Assert.True(image.Description.IsIncomplete);
        Assert.Contains("the dump is incomplete", image.Problems.First[0].ToString(), StringComparison.Ordinal);
        ImageByteCounts counts = image.Memory.Count();
        using MemoryImage whole = SharedImages.Open("makedumpfile/snappy-d31.kdump.zst");
        Assert.NotEqual(0UL, counts.Lost);
        Assert.Equal(whole.Memory.Count(), counts with { Held = counts.Held + counts.Lost, Lost = 0 });
        Assert.Equal(ImagePageStatus.Lost, image.Memory.StatusOf(PhysicalAddress.Create(0x1_07FC_A000UL)));
        Assert.Equal(0, image.Memory.Read(PhysicalAddress.Create(0x1_07FC_A000UL), new byte[8]));
        _ = SharedImages.Map(image.Memory.View(), image.Processor(0).PagingState, out long absent);
        Assert.Equal(2, absent);
    }

    [Fact]
    public void Parts_of_a_split_dump_are_found_beside_each_other_or_given()
    {
        string first = SharedImages.PathOf("makedumpfile/split-1.kdump.zst");
        string second = SharedImages.PathOf("makedumpfile/split-2.kdump.zst");
        using MemoryImage found = MemoryImage.Open(second);
        Assert.Equal([second, first], found.Description.Files);
        using MemoryImage given = MemoryImage.Open([first, second]);
        Assert.Equal([first, second], given.Description.Files);
        Assert.Equal(found.Memory.Count(), given.Memory.Count());
        Assert.Equal(0UL, given.Memory.Count().Lost);
        using MemoryImage alone = MemoryImage.Open(first, new MemoryImageOptions { FindsParts = false });
        Assert.Contains("is a part of a split dump", alone.Problems.First[0].ToString(), StringComparison.Ordinal);
        Assert.NotEqual(0UL, alone.Memory.Count().Lost);
        MalformedInputException other = Assert.Throws<MalformedInputException>(
            () => MemoryImage.Open([first, SharedImages.PathOf("makedumpfile/lzo-d31.kdump.zst")]));
        Assert.Contains("is not a part of the same split dump", other.Message, StringComparison.Ordinal);
        MalformedInputException none = Assert.Throws<MalformedInputException>(
            () => MemoryImage.Open([SharedImages.PathOf("qemu/core.elf.zst"), first]));
        Assert.Contains("is not a split dump", none.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MemoryImage.Open(Array.Empty<string>()));
    }

    [Fact]
    public void Excluded_pages_are_told_from_those_that_never_were()
    {
        using MemoryImage image = SharedImages.Open("makedumpfile/zlib-d31.kdump.zst");
        PhysicalAddress user = PhysicalAddress.Create(0x1_0797_5000UL);
        PhysicalAddress hole = PhysicalAddress.Create(0x9000_0000UL);
        Assert.Equal(ImagePageStatus.Excluded, image.Memory.StatusOf(user));
        Assert.Equal(ImagePageStatus.Absent, image.Memory.StatusOf(hole));
        Assert.True(image.Memory.TryNextKnownRange(PhysicalAddress.Create(0), out PhysicalRange known));
        Assert.Equal((0UL, 0x800_0000UL), (known.Start.Value, known.Length));
        using MemoryImage elf = SharedImages.Open("makedumpfile/elf-d31.flat.zst");
        Assert.Equal(ImagePageStatus.Excluded, elf.Memory.StatusOf(user));
        Assert.Equal(ImagePageStatus.Absent, elf.Memory.StatusOf(hole));
        Assert.NotEqual(0UL, elf.Memory.Count().Excluded);
    }

    [Fact]
    public void The_last_address_of_a_lime_range_belongs_to_it()
    {
        using MemoryImage image = SharedImages.Open("lime/lime.lime.zst");
        byte[] last = new byte[2];
        Assert.Equal(1, image.Memory.Read(PhysicalAddress.Create(0x9_FBFF), last));
        Assert.Equal(1, image.Memory.Read(PhysicalAddress.Create(0x7FD_8FFF), last));
    }

    [Theory]
    [InlineData("lime/lime.lime.zst")]
    [InlineData("raw/ram.raw.zst")]
    [InlineData("lime/avml-v2-compressed.avml.zst")]
    public void The_kernels_notes_are_found_in_memory_and_are_the_kernels(string name)
    {
        using MemoryImage image = SharedImages.Open(name);
        Assert.Null(image.VmCoreInfo);
        VmCoreInfo? notes = image.FindVmCoreInfo(TestContext.Current.CancellationToken);
        Assert.NotNull(notes);
        Assert.Same(notes, image.VmCoreInfo);
        Assert.Equal(
            System.IO.File.ReadAllText(Fixture.PathOf("images/oracle/vmcoreinfo-note.txt")).TrimEnd('\n', '\0'),
            System.Text.Encoding.ASCII.GetString(notes.Text).TrimEnd('\n', '\0'));
    }

    [Fact]
    public void Raw_memory_is_laid_out_by_the_kernels_listing()
    {
        string listing = SharedImages.PathOf("oracle/iomem.txt");
        MemoryImageOptions options = new() { Ram = RamLayout.Open(listing) };
        using MemoryImage image = MemoryImage.Open(SharedImages.PathOf("raw/ram.raw.zst"), options);
        using MemoryImage padded = MemoryImage.Open(SharedImages.PathOf("raw/padded.raw.zst"), options);
        byte[] left = new byte[4096];
        byte[] right = new byte[4096];
        Assert.Equal(4096, image.Memory.Read(PhysicalAddress.Create(SharedImages.SwapperRoot), left));
        Assert.Equal(4096, padded.Memory.Read(PhysicalAddress.Create(SharedImages.SwapperRoot), right));
        Assert.Equal(left, right);
        MalformedInputException unknown =
            Assert.Throws<MalformedInputException>(() => MemoryImage.Open(SharedImages.PathOf("raw/ram.raw.zst")));
        Assert.Contains("--ram", unknown.Message, StringComparison.Ordinal);
        MalformedInputException known = Assert.Throws<MalformedInputException>(() => MemoryImage.Open(
            SharedImages.PathOf("lime/lime.lime.zst"), new MemoryImageOptions { Ram = SharedImages.Parsed("0-fff") }));
        Assert.Contains("is not raw memory", known.Message, StringComparison.Ordinal);
    }
}
