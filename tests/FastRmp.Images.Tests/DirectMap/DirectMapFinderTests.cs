using System.Globalization;
using Xunit;

namespace FastRmp.Images.Tests.DirectMap;

public class DirectMapFinderTests
{
    private const ulong MiB = 1UL << 20;
    private const ulong GiB = 1UL << 30;
    private const ulong Classic = 0xFFFF_8880_0000_0000UL;
    private const ulong Variable = 0xFFFF_FFFF_8260_1018UL;

    public static TheoryData<int, ulong> Bases { get; } = new()
    {
        { 4, Classic },
        { 4, 0xFFFF_8800_0000_0000UL },
        { 4, 0xFFFF_9A3F_4000_0000UL },
        { 4, 0xFFFF_F77F_C000_0000UL },
        { 5, 0xFF11_0000_0000_0000UL },
        { 5, 0xFF10_0000_0000_0000UL },
        { 5, 0xFF27_6A91_C000_0000UL },
        { 5, 0xFFFF_8880_0000_0000UL },
    };

    [Theory]
    [MemberData(nameof(Bases))]
    public void The_base_is_found_from_the_tables(int levels, ulong start)
    {
        TableImage image = new TableImage(levels)
            .MapRange(start, 0, 2 * MiB)
            .MapRange(start, 2 * MiB, 62 * MiB, level: 2)
            .MapRange(start, 4 * GiB, 2 * GiB, level: 3);
        AddNoise(image);
        DirectMapLocation location = Found(image);
        Assert.Equal(
            (start, DirectMapBaseSource.Tables, DirectMapRoot.Given, image.Root, image.State.Mode),
            (location.Base.Value, location.BaseSource, location.RootKind, location.Root.Value, location.Mode));
    }

    [Theory]
    [MemberData(nameof(Bases))]
    public void Memory_that_begins_far_above_zero_does_not_move_the_base(int levels, ulong start)
    {
        TableImage image = new TableImage(levels).MapRange(start, 7 * GiB, 16 * MiB, level: 2);
        Assert.Equal(start, Found(image).Base.Value);
    }

    [Fact]
    public void The_base_with_the_most_bytes_wins()
    {
        TableImage image = new TableImage()
            .MapRange(Classic, 0, 3 * 2 * MiB, level: 2)
            .MapRange(Classic + (4 * GiB), 64 * MiB, 4 * 2 * MiB, level: 2);
        Assert.Equal(Classic + (4 * GiB), Found(image).Base.Value);
        image.Map(Classic + (6 * MiB), 6 * MiB, level: 2).Map(Classic + (8 * MiB), 8 * MiB, level: 2);
        Assert.Equal(Classic, Found(image).Base.Value);
    }

    [Fact]
    public void The_lowest_of_two_with_equal_bytes_wins()
    {
        TableImage image = new TableImage()
            .MapRange(Classic + (4 * GiB), 64 * MiB, 8 * MiB, level: 2)
            .MapRange(Classic + GiB, 0, 8 * MiB, level: 2);
        Assert.Equal(Classic + GiB, Found(image).Base.Value);
    }

    [Fact]
    public void Large_uncached_windows_of_devices_are_no_direct_map()
    {
        const ulong Uncached = TableImage.Leaf | (1UL << 4);
        TableImage image = new TableImage()
            .MapRange(Classic, 0, 8 * MiB, level: 2)
            .MapRange(0xFFFF_C900_0000_0000UL, 64 * GiB, 16 * GiB, level: 3, Uncached);
        Assert.Equal(Classic, Found(image).Base.Value);
    }

    [Theory]
    [InlineData(51)]
    [InlineData(47)]
    public void The_bit_of_memory_encryption_is_found(int bit)
    {
        TableImage image = new TableImage
        {
            EncryptionBit = 1UL << bit,
        }.MapRange(Classic, 0, 8 * MiB, level: 2, TableImage.Leaf | (1UL << bit));
        DirectMapLocation location = Found(image);
        Assert.Equal((Classic, 1UL << bit), (location.Base.Value, location.EncryptionMask));
    }

    [Fact]
    public void The_bit_of_memory_encryption_comes_from_the_notes_or_the_caller()
    {
        TableImage image = new TableImage
        {
            EncryptionBit = 1UL << 43,
        }.MapRange(Classic, 0, 8 * MiB, level: 2, TableImage.Leaf | (1UL << 43));
        Assert.False(DirectMapFinder.TryFind(image.View, image.State, null, out _));
        using MemoryImage core = TableImage.Notes("NUMBER(sme_mask)=8796093022208\n");
        Assert.Equal((Classic, 1UL << 43), (Found(image, core.VmCoreInfo).Base.Value, Found(image, core.VmCoreInfo).EncryptionMask));
        Assert.True(DirectMapFinder.TryFind(image.View, image.StateWith(new MemoryEncryption(43)), null, out DirectMapLocation location));
        Assert.Equal(Classic, location.Base.Value);
    }

    [Fact]
    public void The_half_that_user_mode_sees_leads_to_the_kernels_half()
    {
        TableImage image = new TableImage(root: 0x20_0000).MapRange(Classic, 0, 8 * MiB, level: 2);
        image.Pages[image.Root + 0x1000] = new ulong[512];
        image.Root += 0x1000;
        image.Map(0xFFFF_FE00_0000_0000UL, 0x5000, flags: 0x161).Map(0x40_0000, 0x7000, flags: TableImage.P | TableImage.U);
        DirectMapLocation location = Found(image);
        Assert.Equal((Classic, DirectMapRoot.KernelHalf, 0x20_0000UL), (location.Base.Value, location.RootKind, location.Root.Value));
    }

    /// <summary>Of the direct map the user's half has the page with the task state segment of each processor.</summary>
    [Theory]
    [InlineData(4, Classic)]
    [InlineData(5, 0xFF46_2B6A_4000_0000UL)]
    public void Pages_of_the_direct_map_in_the_half_that_user_mode_sees_do_not_make_it_the_kernels(int levels, ulong start)
    {
        const ulong Root = 0x20_0000;
        TableImage image = new TableImage(levels, Root).MapRange(start, 0, 8 * MiB, level: 2)
            .Map(0x40_0000, 0x7000, flags: TableImage.P | TableImage.U);
        ulong[] user = image.Pages[Root + 0x1000] = new ulong[512];
        user[0] = image.Pages[Root][0];
        image.Pages[Root][0] |= TableImage.NX;
        image.Root = Root + 0x1000;
        image.Map(start + 0x20_6000, 0x20_6000).Map(start + 0x40_7000, 0x40_7000);
        DirectMapLocation location = Found(image);
        Assert.Equal((start, DirectMapRoot.KernelHalf, Root), (location.Base.Value, location.RootKind, location.Root.Value));

        // Another process's table before it is no half of a pair.
        user[1] = 0x7067;
        Assert.Equal(DirectMapRoot.Given, Found(image).RootKind);
    }

    [Fact]
    public void A_root_without_a_kernel_leads_to_the_reference_tables()
    {
        TableImage image = new TableImage(root: 0x20_0000).MapRange(Classic, 0, 8 * MiB, level: 2);
        image.Pages[0x80_0000] = new ulong[512];
        image.Root = 0x80_0000;
        Assert.False(DirectMapFinder.TryFind(image.View, image.State, null, out _));
        using MemoryImage core = TableImage.Notes(
            "SYMBOL(init_top_pgt)=ffffffff82a00000\nNUMBER(phys_base)=-41943040\nNUMBER(pgtable_l5_enabled)=0\n");
        DirectMapLocation location = Found(image, core.VmCoreInfo);
        Assert.Equal((Classic, DirectMapRoot.Reference, 0x20_0000UL), (location.Base.Value, location.RootKind, location.Root.Value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_notes_may_hold_the_base_itself(bool asNumber)
    {
        const ulong Noted = 0xFFFF_8881_0000_0000UL;
        TableImage image = new TableImage().MapRange(Noted, 0, 2 * MiB, level: 2).MapRange(Classic, GiB, 64 * MiB, level: 2);
        using MemoryImage core = TableImage.Notes(asNumber
            ? string.Create(CultureInfo.InvariantCulture, $"NUMBER(page_offset_base)={unchecked((long)Noted)}\n")
            : string.Create(CultureInfo.InvariantCulture, $"SYMBOL(page_offset_base)={Noted:x}\n"));
        DirectMapLocation location = Found(image, core.VmCoreInfo);
        Assert.Equal((Noted, DirectMapBaseSource.PageOffsetBase), (location.Base.Value, location.BaseSource));
        Assert.Equal(Classic, Found(image).Base.Value);
    }

    [Fact]
    public void The_notes_may_name_the_variable_that_holds_the_base()
    {
        const ulong Held = 0xFFFF_8881_0000_0000UL;
        TableImage image = new TableImage()
            .MapRange(Held, 0, 2 * MiB, level: 2)
            .MapRange(Classic, GiB, 64 * MiB, level: 2)
            .Map(Variable, 0xE0_0000, level: 2);
        using MemoryImage core = TableImage.Notes("SYMBOL(page_offset_base)=ffffffff82601018\n");
        // the page is absent
        Assert.Equal(
            (Classic, DirectMapBaseSource.Tables), (Found(image, core.VmCoreInfo).Base.Value, Found(image, core.VmCoreInfo).BaseSource));
        image.Pages[0xE0_1000] = new ulong[512];
        image.Pages[0xE0_1000][3] = Held;
        Assert.Equal(
            (Held, DirectMapBaseSource.PageOffsetBase),
            (Found(image, core.VmCoreInfo).Base.Value, Found(image, core.VmCoreInfo).BaseSource));
    }

    [Theory]
    [InlineData("NUMBER(page_offset_base)=0\n")]
    [InlineData("SYMBOL(page_offset_base)=ffff888000001000\n")]
    [InlineData("SYMBOL(page_offset_base)=ffff988000000000\n")]
    [InlineData("SYMBOL(page_offset_base)=ffffffff82601019\n")]
    [InlineData("SYMBOL(mem_section)=ffffffff82601010\n")]
    [InlineData("SYMBOL(mem_section)=ffff888200000000\n")]
    [InlineData("SYMBOL(swapper_pg_dir)=ffffffff82a00001\nNUMBER(phys_base)=1\n")]
    [InlineData("SYMBOL(swapper_pg_dir)=1000\nNUMBER(phys_base)=99999999999999999999\n")]
    [InlineData("NUMBER(sme_mask)=-1\n")]
    [InlineData("NUMBER(sme_mask)=12288\n")]
    [InlineData("garbage")]
    public void Notes_that_are_wrong_do_not_mislead(string notes)
    {
        TableImage image = new TableImage().MapRange(Classic, 0, 8 * MiB, level: 2);
        using MemoryImage core = TableImage.Notes(notes);
        DirectMapLocation location = Found(image, core.VmCoreInfo);
        Assert.Equal(
            (Classic, DirectMapBaseSource.Tables, DirectMapRoot.Given), (location.Base.Value, location.BaseSource, location.RootKind));
    }

    [Fact]
    public void A_given_base_is_taken_if_any_page_stands_there()
    {
        TableImage image = new TableImage().MapRange(Classic, 0, 8 * MiB, level: 2).Map(Classic + (4 * GiB), 0);
        Assert.True(
            DirectMapFinder.TryFind(
                image.View, image.State, null, out DirectMapLocation location, new VirtualAddress(Classic + (4 * GiB))));
        Assert.Equal((Classic + (4 * GiB), DirectMapBaseSource.Given), (location.Base.Value, location.BaseSource));
        Assert.False(DirectMapFinder.TryFind(image.View, image.State, null, out _, new VirtualAddress(Classic + (5 * GiB))));
        Assert.False(DirectMapFinder.TryFind(image.View, image.State, null, out _, new VirtualAddress(Classic + 0x1000)));
        Assert.False(DirectMapFinder.TryFind(image.View, image.State, null, out _, new VirtualAddress(0x4000_0000)));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void User_pages_and_the_kernels_other_regions_alone_are_no_direct_map(int levels)
    {
        TableImage image = new(levels);
        AddNoise(image);
        Assert.False(DirectMapFinder.TryFind(image.View, image.State, null, out DirectMapLocation location));
        // not even a root
        Assert.False(DirectMapFinder.TryFind(image.View, new TableImage(levels, root: 0x8_0000_0000).State, null, out _));
        Assert.NotEqual(DirectMapBaseSource.Tables, location.BaseSource);
    }

    // Entry area, image, modules, memory map, vmalloc, and user pages at a whole GiB from their frames.
    private static void AddNoise(TableImage image)
    {
        image.MapRange(0x7F00_0000_0000UL, 0, 4 * MiB, level: 2, TableImage.P | TableImage.W | TableImage.U);
        image.MapRange(0xFFFF_FE00_0000_0000UL, 0, 1 * GiB, level: 3);
        image.MapRange(0xFFFF_FFFF_8000_0000UL, 0, 32 * MiB, level: 2);
        image.MapRange(0xFFFF_FFFF_C000_0000UL, 0x1_2345_6000, 64 * 4096UL);
        image.Map(0xFFFF_C900_0000_1000UL, 0x9000)
            .Map(0xFFFF_C900_0000_2000UL, 0x1_0000_3000)
            .Map(0xFFFF_EA00_0000_0000UL, 0x1_3FE0_0000, level: 2);
    }

    private static DirectMapLocation Found(TableImage image, VmCoreInfo? notes = null)
    {
        Assert.True(DirectMapFinder.TryFind(image.View, image.State, notes, out DirectMapLocation location));
        return location;
    }
}
