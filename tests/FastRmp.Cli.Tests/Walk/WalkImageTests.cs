using System;
using System.Globalization;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Walk;

public sealed class WalkImageTests
{
    [Fact]
    public void Every_level_stands_in_a_line_and_the_page_at_the_end()
    {
        using TemporaryFile image = new(Cores.Sizes());
        ToolResult result = Tool.Run("walk", image.Path, "0xabc", "200123", "40000000");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(
            """
            0xabc: kernel read, four levels, root 0x1000 of processor 0
              PML4E at 0x1000: 0000000000002007 -------UW  points to a table of PDPEs at 0x2000
              PDPE  at 0x2000: 0000000000003007 -------UW  points to a table of PDEs at 0x3000
              PDE   at 0x3000: 0000000000004007 -------UW  points to a table of PTEs at 0x4000
              PTE   at 0x4000: 00000000000a0005 -------U-  maps a page of 4K at 0xa0000
            page: 0xa0abc, 4K, user, read-only, executable

            0x200123: kernel read, four levels, root 0x1000 of processor 0
              PML4E at 0x1000: 0000000000002007 -------UW  points to a table of PDPEs at 0x2000
              PDPE  at 0x2000: 0000000000003007 -------UW  points to a table of PDEs at 0x3000
              PDE   at 0x3008: 8000000000a000e3 X-PDA---W  maps a page of 2M at 0xa00000
            page: 0xa00123, 2M, supervisor, writable, no-execute

            0x40000000: kernel read, four levels, root 0x1000 of processor 0
              PML4E at 0x1000: 0000000000002007 -------UW  points to a table of PDPEs at 0x2000
              PDPE  at 0x2008: 00000000400000e3 --PDA---W  maps a page of 1G at 0x40000000
            page: 0x40000000, 1G, supervisor, writable, executable

            """.ReplaceLineEndings("\n"),
            result.Output);
    }

    [Theory]
    [InlineData(
        "fault: #PF 0x7 (P W/R U/S): the page at 0xa0000, 4K, user, read-only, executable, does not allow it", "0", "--user", "--write")]
    [InlineData(
        "fault: #PF 0x11 (P I/D): the page at 0xa00000, 2M, supervisor, writable, no-execute, does not allow it", "200000", "--fetch")]
    [InlineData("fault: #PF 0x4 (U/S): the PTE at 0x4010 is not present", "2000", "--user")]
    [InlineData("fault: #PF 0x9 (P RSV): the PTE at 0x8ff8 has a reserved bit set", "fffffffffffff000", "--processor", "milan")]
    [InlineData("fault: #GP(0), or #SS(0) for a stack access: the address is not canonical, nothing is walked", "0000800000000000")]
    [InlineData("page: 0xfffffffffffff, 4K, supervisor, read-only, executable", "ffffffffffffffff", "--processor", "intel")]
    public void A_fault_is_a_result(string end, params string[] args)
    {
        using TemporaryFile image = new(Cores.Sizes());
        ToolResult result = Tool.Run(["walk", image.Path, .. args]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(end, result.OutputLines[^1]);
    }

    [Fact]
    public void Keys_and_the_encryption_bit_are_reported()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x8_0000_0000_1000, cr4: 0x40_0020)
            .Load(0x1000, Cores.Table((0, 0x8_0000_0000_2007)))
            .Load(0x2000, Cores.Table((0, 0x2808_0000_4000_0087)))
            .Build();
        using TemporaryFile image = new(core);
        ToolResult result = Tool.Run("walk", image.Path, "0", "--user", "--c-bit", "51", "--pkru", "0x400");
        Assert.Equal(0, result.Code);
        Assert.Equal(
            [
                "  PDPE  at 0x2000: 2808000040000087 --P----UW  maps a page of 1G at 0x40000000, C-bit, key 5",
                "fault: #PF 0x25 (P U/S PK): the protection key of the page at 0x40000000, 1G, forbids it",
            ],
            result.OutputLines[^2..]);
        Assert.EndsWith(
            "page: 0x40000000, 1G, user, writable, executable\n", Tool.Run("walk", image.Path, "0", "--user", "--c-bit", "51").Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void SMAP_counts_unless_AC_is_set()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x1000, cr4: 0x20_0020)
            .Load(0x1000, Cores.Table((0, 0x2007)))
            .Load(0x2000, Cores.Table((0, 0x87)))
            .Build();
        using TemporaryFile image = new(core);
        Assert.Contains("fault: #PF 0x1 (P)", Tool.Run("walk", image.Path, "0").Output, StringComparison.Ordinal);
        Assert.Contains("page: 0x0, 1G", Tool.Run("walk", image.Path, "0", "--ac").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Five_levels_come_from_CR4_or_the_user()
    {
        using TemporaryFile image = new(Cores.Sizes(fiveLevels: true));
        Assert.Contains(
            "five levels, root 0x5000 of processor 0\n  PML5E at 0x5ff8: ", Tool.Run("walk", image.Path, "ffff000000000000").Output,
            StringComparison.Ordinal);
        Assert.Contains(
            "five levels, root 0x1000\n  PML5E at 0x1000: ",
            Tool.Run("walk", image.Path, "0", "--cr3", "1fff", "--la57", "--processor", "milan").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_the_image_does_not_hold_is_named_and_no_failure()
    {
        using TemporaryFile image = new(Cores.Sizes());
        ToolResult result = Tool.Run("walk", image.Path, "0", "--cr3", "abc000").SpeaksProperly();
        Assert.Equal(0, result.Code);
        Assert.Equal("end: the PML4E at 0xabc000 is not in the image", result.OutputLines[^1]);
        Assert.Equal($"fastrmp: {image.Path}: the PML4E at 0xabc000 is not in the image\n", result.Error);
    }

    [Fact]
    public void A_real_kernels_addresses_end_where_its_emulator_says()
    {
        string[] listing = System.Text.Encoding.ASCII.GetString(Fixture.Gunzipped("linux-4level/info-tlb.txt.gz"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < listing.Length; i += 4001)
        {
            ulong target = ulong.Parse(listing[i].AsSpan(18, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            string end = Tool.Run("walk", Fixture.PathOf(Cores.Core), listing[i][..16], "--ac").OutputLines[^1];
            Assert.StartsWith(
                string.Create(CultureInfo.InvariantCulture, $"page: 0x{target:x}, {(listing[i][37] == 'P' ? "2M" : "4K")}, "), end,
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("40", false, "page: 0xfffffff000, 4K, supervisor, writable, no-execute")]
    [InlineData("39", false, "fault: #PF 0x9 (P RSV): the PTE at 0x4048 has a reserved bit set")]
    [InlineData("39", true, "fault: #PF 0xb (P W/R RSV): the PTE at 0x4048 has a reserved bit set")]
    public void The_reserved_bits_that_make_a_walk_fault_are_named(string width, bool isWrite, string end)
    {
        byte[] core = new CoreBuilder() // the entries of a public report, elsewhere
            .Processor(0x1000)
            .Load(0x1000, Cores.Table((402, 0x2067)))
            .Load(0x2000, Cores.Table((0, 0x3067)))
            .Load(0x3000, Cores.Table((0, 0x4067)))
            .Load(0x4000, Cores.Table((9, 0x8000_00FF_FFFF_F073)))
            .Build();
        using TemporaryFile image = new(core);
        string[] lines = Tool.Run(
            ["walk", image.Path, "ffffc90000009000", "--maxphyaddr", width, .. isWrite ? ["--write"] : (string[])[]]).OutputLines;
        Assert.Equal(end, lines[^1]);
        Assert.Equal(width == "39", lines[^2] == "  reserved: 0x8000000000 (bit 39); physical addresses have 39 bits");
    }

    [Fact]
    public void Reserved_bits_of_other_kinds_are_named_without_a_width()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x1000)
            .Load(0x1000, Cores.Table((0, 0x2187), (1, 0x2007)))
            .Load(0x2000, Cores.Table((0, 0x6087)))
            .Build();
        using TemporaryFile image = new(core);
        Assert.Equal("  reserved: 0x180 (bit 7, bit 8)", Tool.Run("walk", image.Path, "0").OutputLines[^2]);
        Assert.Equal("  reserved: 0x80 (bit 7)", Tool.Run("walk", image.Path, "0", "--processor", "intel").OutputLines[^2]);
        Assert.Equal("  reserved: 0x6000 (bit 13, bit 14)", Tool.Run("walk", image.Path, "8000000000").OutputLines[^2]);
    }

    [Fact]
    public void A_shadow_stack_access_finds_shadow_stacks_alone()
    {
        byte[] core = new CoreBuilder()
            .Processor(0x1000)
            .Load(0x1000, Cores.Table((0, 0x2007)))
            .Load(0x2000, Cores.Table((0, 0xC1), (1, 0x4000_00C3), (2, 0x8000_00C5)))
            .Build();
        using TemporaryFile image = new(core);
        Assert.Equal(
            "page: 0x8, 1G, supervisor, read-only, executable",
            Tool.Run("walk", image.Path, "8", "--shadow-stack", "--write").OutputLines[^1]);
        Assert.Equal(
            "0x80000000: user shadow-stack read, four levels, root 0x1000 of processor 0",
            Tool.Run("walk", image.Path, "80000000", "--shadow-stack", "--user").OutputLines[0]);
        Assert.Equal(
            "page: 0x80000000, 1G, user, read-only, executable",
            Tool.Run("walk", image.Path, "80000000", "--shadow-stack", "--user").OutputLines[^1]);
        Assert.Equal(
            "fault: #PF 0x43 (P W/R SS): the page at 0x40000000, 1G, supervisor, writable, executable, "
                + "is not a shadow stack of a supervisor: "
                + "Dirty and read-only in its own entry alone",
            Tool.Run("walk", image.Path, "40000000", "--shadow-stack", "--write").OutputLines[^1]);
    }

    [Theory]
    [InlineData("--maxphyaddr: 35 is not 36 to 52", "image", "0", "--maxphyaddr", "35")]
    [InlineData("--maxphyaddr: 53 is not 36 to 52", "image", "0", "--maxphyaddr", "53")]
    [InlineData("--shadow-stack and --fetch exclude each other", "image", "0", "--fetch", "--shadow-stack")]
    [InlineData("--gmet needs --nested", "image", "0", "--gmet")]
    [InlineData("--device and --shadow-stack exclude each other", "image", "0", "--device", "0", "--device-table", "0", "--shadow-stack")]
    [InlineData("--device and --maxphyaddr exclude each other", "image", "0", "--device", "0", "--device-table", "0", "--maxphyaddr", "40")]
    [InlineData(
        "--rows defines everything except --processor: it takes no IMAGE and no other option", "--rows", "f", "--maxphyaddr", "40")]
    [InlineData("an IMAGE or --rows is needed")]
    [InlineData("a virtual address is needed", "image")]
    [InlineData("a file name is empty", "", "0")]
    [InlineData("a file name is empty", "--rows", "")]
    [InlineData("--write and --fetch exclude each other", "image", "0", "--write", "--fetch")]
    [InlineData("--cpu and --cr3 exclude each other", "image", "0", "--cpu", "0", "--cr3", "0")]
    [InlineData(
        "--cr3: 0x10000000000000 is not a physical address, which ends at 0xfffffffffffff", "image", "0", "--cr3", "10000000000000")]
    [InlineData("--pkru: 0x100000000 has more than 32 bits", "image", "0", "--pkru", "100000000")]
    [InlineData("--c-bit: 31 is not 32 to 51", "image", "0", "--c-bit", "31")]
    [InlineData("--processor: 'rome' is not one of milan, genoa, turin, venice, intel", "image", "0", "--processor", "rome")]
    [InlineData("VA: 'xyz' is not a hexadecimal number of at most 64 bits", "image", "xyz")]
    [InlineData("--rows defines everything except --processor: it takes no IMAGE and no other option", "image", "--rows", "f")]
    [InlineData("--rows defines everything except --processor: it takes no IMAGE and no other option", "--rows", "f", "--user")]
    public void Wrong_command_lines_are_refused(string problem, params string[] args) => Tool.Run(["walk", .. args]).IsUsageError(problem);

    [Fact]
    public void Damaged_cores_end_in_a_walk_or_a_message()
    {
        byte[] core = Cores.Sizes();
        Mutator mutator = new(5);
        for (int round = 0; round < 300; round++)
        {
            ToolResult result = Tool.RunWith(mutator.Mutate(core, core.Length), "walk", "-", "0", "200000", "ffffffffffffffff", "--user")
                .SpeaksProperly();
            Assert.True(result.Code is 0 or 3, $"round {round}: {result.Code}");
        }
    }
}
