using System;
using System.Buffers.Binary;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Elf;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Memory;

/// <summary>Where the kernel's reference tables are, when only VMCOREINFO and the program headers give them.</summary>
public class KernelRootTests
{
    private const ulong Image = 0xFFFF_FFFF_8100_0000UL;
    private const ulong Physical = 0x1440_0000UL;

    private static readonly byte[] Kernel = MakeKernel();

    [Theory]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff81002000\nNUMBER(phys_base)=322961408", 0x1440_2000UL)] // 0x1340_0000
    [InlineData("SYMBOL(init_top_pgt)=ffffffff81002000\nNUMBER(phys_base)=322961408", 0x1440_2000UL)]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff81002000\nNUMBER(phys_base)=-4096", 0x100_1000UL)]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff81002000\nSYMBOL(phys_base)=ffffffff81001008\nKERNELOFFSET=0", 0x1440_2000UL)]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff81002000\nKERNELOFFSET=0", 0x1440_2000UL)] // the program header
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff81002000", 0x1440_2000UL)]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff81002000\nNUMBER(phys_base)=-9000000000000", 0x1440_2000UL)] // nowhere
    // no displacement: the table there maps the image
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff93402000\nKERNELOFFSET=12400000", 0x1340_2000UL)]
    public void The_root_is_where_the_notes_and_the_segments_have_it(string notes, ulong root)
    {
        using MemoryImage core = Open(notes);
        Assert.True(KernelNotes.TryGetRoot(core, out PhysicalAddress found, out PagingMode mode));
        Assert.Equal((root, PagingMode.FourLevel), (found.Value, mode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("NUMBER(phys_base)=322961408")]
    [InlineData("SYMBOL(swapper_pg_dir)=ffff888000002000\nNUMBER(phys_base)=0")]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff81002008\nNUMBER(phys_base)=0")]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff93401000")] // no segment, and what lies there is no top table
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffffa0000000")] // nothing lies there
    public void Notes_without_a_root_give_none(string notes)
    {
        using MemoryImage core = Open(notes);
        Assert.False(KernelNotes.TryGetRoot(core, out _, out _));
    }

    [Theory]
    [InlineData("NUMBER(pgtable_l5_enabled)=1", PagingMode.FiveLevel)]
    [InlineData("NUMBER(pgtable_l5_enabled)=0", PagingMode.FourLevel)]
    public void The_notes_report_the_levels(string notes, PagingMode expected)
    {
        using MemoryImage core = Open("SYMBOL(swapper_pg_dir)=ffffffff81002000\n" + notes);
        Assert.True(KernelNotes.TryGetRoot(core, out _, out PagingMode mode));
        Assert.Equal(expected, mode);
    }

    [Theory]
    [InlineData("OSRELEASE=\n")]
    [InlineData("OSRELEASE=SYMBOL(swapper_pg_dir)=ffffffff81000000\n")]
    public void Memory_full_of_what_looks_like_notes_costs_a_small_multiple_of_it(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        byte[] memory = new byte[1 << 20];
        for (int at = 0; at + word.Length <= memory.Length; at += word.Length)
        {
            System.Text.Encoding.ASCII.GetBytes(word, memory.AsSpan(at));
        }

        byte[] file = new CoreBuilder().Load(0x10_0000, memory).Build();
        using MemoryImage image = MemoryImage.Read(ImageFile.Read(new MemoryStream(file), "in"));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(image.FindVmCoreInfo(TestContext.Current.CancellationToken));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L * memory.Length);
    }

    [Fact]
    public void A_core_without_notes_reports_nothing()
    {
        using MemoryImage core = ElfCoreTests.Open(new CoreBuilder().Load(Physical, Kernel, virtualAddress: Image).Build());
        Assert.False(KernelNotes.TryGetRoot(core, out _, out _));
    }

    [Fact]
    public void Damaged_notes_and_segments_give_an_answer()
    {
        byte[] original = Build(
            "SYMBOL(swapper_pg_dir)=ffffffff81002000\nSYMBOL(phys_base)=ffffffff81001008\nNUMBER(phys_base)=322961408\nKERNELOFFSET=0");
        Mutator mutator = new(seed: 32);
        int found = 0;
        for (int round = 0; round < 5000; round++)
        {
            try
            {
                using MemoryImage core = ElfCoreTests.Open(mutator.Mutate(original, head: 400));
                if (KernelNotes.TryGetRoot(core, out PhysicalAddress root, out _))
                {
                    found++;
                    Assert.True(root.IsAligned(PageSize.Size4K));
                }
            }
            catch (MalformedInputException)
            {
                continue;
            }
        }

        Assert.InRange(found, 500, 4900);
    }

    private static MemoryImage Open(string notes) => ElfCoreTests.Open(Build(notes));

    // The image is displaced by 0x1340_0000; at 0x1340_2000 stands another top table.
    private static byte[] Build(string notes) => new CoreBuilder()
        .Note("VMCOREINFO", 0, Encoding.ASCII.GetBytes(notes + "\n"))
        .Load(Physical, Kernel, virtualAddress: Image)
        .Load(0x1340_0000, Kernel, virtualAddress: 0xFFFF_8880_1340_0000UL)
        .Build();

    private static byte[] MakeKernel()
    {
        byte[] kernel = new byte[0x3000];
        BinaryPrimitives.WriteUInt64LittleEndian(kernel.AsSpan(0x1008), 0x1340_0000UL);
        BinaryPrimitives.WriteUInt64LittleEndian(kernel.AsSpan(0x2FF8), 0x1440_1067UL);
        return kernel;
    }
}
