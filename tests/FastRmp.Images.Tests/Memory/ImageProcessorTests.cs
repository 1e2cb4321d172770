using System;
using System.Globalization;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Elf;
using FastRmp.Images.Tests.Support;
using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Memory;

public class ImageProcessorTests
{
    private const string Core = "linux-4level/core.elf";
    private const string Root = "SYMBOL(swapper_pg_dir)=ffffffff81002000\nNUMBER(phys_base)=0";

    [Fact]
    public void Every_page_that_the_emulator_lists_is_translated_to_its_address()
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf(Core));
        ImageProcessor processor = image.Processor(0);
        MemoryAccess access = MemoryAccess.Explicit(AccessKind.Read, cpl: 0, alignmentCheck: true);
        int pages = 0;
        string listing = Encoding.ASCII.GetString(Fixture.Gunzipped("linux-4level/info-tlb.txt.gz"));
        foreach (string line in listing.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            WalkResult result = processor.Translate(new VirtualAddress(Number(line[..16])), access);
            Assert.True(result.IsMapped, line);
            Assert.Equal(Number(line[18..34]), result.Address.Value);
            pages++;
        }

        Assert.Equal(76715, pages);
    }

    [Fact]
    public void A_translation_ends_as_the_access_and_the_registers_have_it()
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf(Core));
        ImageProcessor processor = image.Processor(0);
        VirtualAddress user = new(0x40_1000);
        Assert.Equal(WalkStatus.Mapped, processor.Translate(user, new MemoryAccess(AccessKind.Read, IsUser: true)).Status);
        Assert.Equal(0x1UL, processor.Translate(user, MemoryAccess.KernelRead).ErrorCode); // SMAP
        Assert.Equal(0x7UL, processor.Translate(user, new MemoryAccess(AccessKind.Write, IsUser: true)).ErrorCode);
        Assert.Equal(0x4UL, processor.Translate(new VirtualAddress(0x1000), new MemoryAccess(AccessKind.Read, IsUser: true)).ErrorCode);
        Assert.Equal(WalkStatus.NonCanonical, processor.Translate(new VirtualAddress(1UL << 63), MemoryAccess.KernelRead).Status);
    }

    [Fact]
    public void A_processor_has_the_registers_of_its_number()
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf(Core));
        for (int number = 0; number < 2; number++)
        {
            ImageProcessor processor = image.Processor(number);
            Assert.Equal(number, processor.Number);
            Assert.Equal(image.Cpus[number], processor.Registers);
            Assert.Equal(image.Cpus[number].ToPagingState(), processor.PagingState);
        }

        Assert.EndsWith("core.elf: processor 1, CR3 0x100104000, 4 levels", image.Processor(1).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void A_processor_that_is_not_there_is_refused(int number)
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf(Core));
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => image.Processor(number));
        Assert.Contains("core.elf holds 2 processors, numbered from 0.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_root_of_the_callers_own_takes_the_place_of_the_registers()
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf(Core));
        ImageProcessor processor = image.Processor(0, new PagingOptions { Root = image.Cpus[1].Control.Cr3, FiveLevels = true });
        Assert.Null(processor.Number);
        Assert.Equal(image.Cpus[1].Control.Cr3, processor.Registers.Control.Cr3);
        Assert.Equal(image.Cpus[0].Control.Cr4, processor.Registers.Control.Cr4);
        Assert.Equal((image.Cpus[1].Control.Cr3.Table, PagingMode.FiveLevel), (processor.PagingState.Root, processor.PagingState.Mode));
        Assert.Contains("no processor's own root", processor.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_without_registers_has_the_kernels_tables()
    {
        using MemoryImage image = Open(Root + "\nNUMBER(pgtable_l5_enabled)=1");
        ImageProcessor processor = image.Processor(0);
        Assert.Null(processor.Number);
        Assert.Equal(new Cr3(0x100_2000), processor.Registers.Control.Cr3);
        Assert.Equal(PagingMode.FiveLevel, processor.PagingState.Mode);
        Assert.True(processor.PagingState is { WriteProtect: true, NoExecute: true, Smep: false, Smap: false });
        ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => image.Processor(1));
        Assert.Contains("its one processor has the number 0", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_without_a_root_is_reported()
    {
        using MemoryImage silent = Open("");
        Refuses(() => silent.Processor(0), "its VMCOREINFO does not name the kernel's root");
        Assert.Equal(0x5000UL, silent.Processor(0, new PagingOptions { Root = new Cr3(0x5000) }).PagingState.Root.Value);
        using MemoryImage bare = ElfCoreTests.Open(new CoreBuilder().Load(0x1000, new byte[4096]).Build());
        Refuses(() => bare.Processor(0), "in: holds no processor's registers, and no VMCOREINFO");
    }

    [Fact]
    public void A_processor_without_long_mode_is_refused_unless_the_root_is_the_callers_own()
    {
        using MemoryImage image = ElfCoreTests.Open(new CoreBuilder().Cpu(0x5000).Load(0x1000, new byte[4096]).Build());
        Refuses(() => image.Processor(0), "paging is off on processor 0 (CR0.PG is clear)");
        ImageProcessor processor = image.Processor(0, new PagingOptions { Root = new Cr3(0x1000) });
        Assert.Equal(WalkStatus.NotPresent, processor.Translate(default, MemoryAccess.KernelRead).Status);
    }

    [Fact]
    public void The_C_bit_is_the_callers_or_that_of_the_notes()
    {
        using MemoryImage image = Open(Root + "\nNUMBER(sme_mask)=2251799813685248");
        Assert.Equal(1UL << 51, image.Processor(0).PagingState.EncryptionMask);
        Assert.Equal(1UL << 47, image.Processor(0, new PagingOptions { Encryption = new MemoryEncryption(47) }).PagingState.EncryptionMask);
        using MemoryImage plain = Open(Root);
        Assert.Equal(0UL, plain.Processor(0).PagingState.EncryptionMask);
    }

    [Fact]
    public void A_translation_allocates_nothing()
    {
        using MemoryImage image = MemoryImage.Open(Fixture.PathOf(Core));
        ImageProcessor processor = image.Processor(0);
        ulong sum = 0;
        MemoryAccess access = new(AccessKind.Read, IsUser: true);
        Allocations.RequireNone(() => sum += processor.Translate(new VirtualAddress(0x40_1000), access).Address.Value);
        Assert.NotEqual(0UL, sum);
    }

    [Fact]
    public void A_disposed_image_is_refused()
    {
        MemoryImage image = MemoryImage.Open(Fixture.PathOf(Core));
        ImageProcessor processor = image.Processor(0);
        image.Dispose();
        Assert.Throws<ObjectDisposedException>(() => processor.Translate(default, MemoryAccess.KernelRead));
    }

    [Fact]
    public void A_format_that_cannot_be_read_is_named()
    {
        using TemporaryFile file = new(Encoding.ASCII.GetBytes("LKMG" + new string('\0', 4096)));
        Refuses(() => MemoryImage.Open(file.Path), "is not a memory image of a known format: it begins with 4C4B4D47");
        Assert.Throws<IOException>(() => MemoryImage.Open(file.Path + ".none"));
    }

    private static void Refuses(Func<object> attempt, string reason) =>
        Assert.Contains(reason, Assert.Throws<MalformedInputException>(attempt).Message, StringComparison.Ordinal);

    private static MemoryImage Open(string notes)
    {
        CoreBuilder core = new CoreBuilder().Note("VMCOREINFO", 0, Encoding.ASCII.GetBytes(notes + "\n"));
        return ElfCoreTests.Open(core.Load(0x1000, new byte[4096]).Build());
    }

    private static ulong Number(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
