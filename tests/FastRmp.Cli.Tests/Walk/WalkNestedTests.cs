using System;
using System.Linq;
using FastRmp.Cli.Tests.Support;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Cli.Tests.Walk;

public sealed class WalkNestedTests
{
    private const string Reported = "fault: #VMEXIT(NPF), EXITINFO1 ";

    private static readonly string[] Roots = ["--cr3", "1000", "--nested", "9000"];

    [Fact]
    public void Each_level_of_the_guest_stands_above_the_nested_ones()
    {
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult result = Walk(image, "200fff");
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(
            """
            0x200fff: guest, kernel read, four levels over four, root 0x1000, nested root 0x9000
              PML4E at gPA 0x1000, sPA 0x11000: 0000000000002007 -------UW  points to a table of PDPEs at gPA 0x2000
                PML4E at 0x9000: 000000000000a027 ----A--UW  points to a table of PDPEs at 0xa000
                PDPE  at 0xa000: 000000000000b027 ----A--UW  points to a table of PDEs at 0xb000
                PDE   at 0xb000: 000000000000c027 ----A--UW  points to a table of PTEs at 0xc000
                PTE   at 0xc008: 0000000000011067 ---DA--UW  maps a page of 4K at 0x11000
              PDPE  at gPA 0x2000, sPA 0x12000: 0000000000003007 -------UW  points to a table of PDEs at gPA 0x3000
                PML4E at 0x9000: 000000000000a027 ----A--UW  points to a table of PDPEs at 0xa000
                PDPE  at 0xa000: 000000000000b027 ----A--UW  points to a table of PDEs at 0xb000
                PDE   at 0xb000: 000000000000c027 ----A--UW  points to a table of PTEs at 0xc000
                PTE   at 0xc010: 0000000000012067 ---DA--UW  maps a page of 4K at 0x12000
              PDE   at gPA 0x3008, sPA 0x13008: 00000000002000e7 --PDA--UW  maps a page of 2M at gPA 0x200000
                PML4E at 0x9000: 000000000000a027 ----A--UW  points to a table of PDPEs at 0xa000
                PDPE  at 0xa000: 000000000000b027 ----A--UW  points to a table of PDEs at 0xb000
                PDE   at 0xb000: 000000000000c027 ----A--UW  points to a table of PTEs at 0xc000
                PTE   at 0xc018: 0000000000013067 ---DA--UW  maps a page of 4K at 0x13000
              page  at gPA 0x200fff
                PML4E at 0x9000: 000000000000a027 ----A--UW  points to a table of PDPEs at 0xa000
                PDPE  at 0xa000: 000000000000b027 ----A--UW  points to a table of PDEs at 0xb000
                PDE   at 0xb008: 00000000004000e7 --PDA--UW  maps a page of 2M at 0x400000
            page: 0x400fff, 2M, user, writable, executable; gPA 0x200fff, 2M over 2M

            """.ReplaceLineEndings("\n"),
            result.Output);
    }

    [Theory]
    [InlineData("page: 0x401010, 4K, user, writable, executable; gPA 0x201010, 4K over 2M", "4010")]
    [InlineData("page: 0x15123, 4K, user, writable, executable; gPA 0x5123, 4K over 4K, private", "123", "--c-bit", "51")]
    [InlineData("page: 0x15000, 4K, user, writable, executable; gPA 0x5000, 4K over 4K, shared", "9000", "--c-bit", "51")]
    [InlineData("page: 0x19000, 4K, user, read-only, executable; gPA 0x9000, 4K over 4K", "8000")]
    [InlineData("fault: #PF 0x0 (-) in the guest: the PTE at gPA 0x4018 is not present", "3000")]
    [InlineData("fault: #PF 0x6 (W/R U/S) in the guest: the PTE at gPA 0x4018 is not present", "3000", "--write", "--cpl", "3")]
    [InlineData(
        "fault: #GP(0) in the guest, or #SS(0) for a stack access: the address is not canonical, nothing is walked", "800000000000")]
    [InlineData(Reported + "0x100000004 (U final), EXITINFO2 0x7000: in the nested tables, the PTE at 0xc038 is not present", "2000")]
    [InlineData(
        Reported + "0x100000014 (U I/D final), EXITINFO2 0x7000: in the nested tables, the PTE at 0xc038 is not present", "2000",
        "--fetch")]
    [InlineData(
        Reported
            + "0x100000007 (P W U final), EXITINFO2 0x9000: in the nested tables, the page at 0x19000, 4K, user, read-only, executable, "
            + "does not allow it",
        "8000", "--write")]
    [InlineData(
        Reported + "0x200000006 (W U table), EXITINFO2 0xb000: in the nested tables, the PTE at 0xc058 is not present", "10000000000")]
    [InlineData(Reported + "0x100000004 (U final), EXITINFO2 0x1000000000000: the nested tables do not reach that far", "5000")]
    public void A_walk_ends_in_a_page_or_in_a_fault_of_guest_or_host(string end, params string[] args)
    {
        using TemporaryFile image = new(GuestCore.WithoutRmp());
        ToolResult result = Walk(image, args);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.Equal(end, result.OutputLines[^1]);
    }

    [Theory]
    [InlineData("page: 0x15123, 4K, user, writable, executable; gPA 0x5123, 4K over 4K, private", "123", "--asid", "5")]
    [InlineData(
        "page: 0x15123, 4K, user, writable, executable; gPA 0x5123, 4K over 4K, private", "123", "--asid", "5", "--write", "--user")]
    [InlineData("page: 0x18000, 4K, user, writable, executable; gPA 0x8000, 4K over 4K, shared", "7000", "--asid", "5", "--write")]
    [InlineData("page: 0x15000, 4K, user, writable, executable; gPA 0x5000, 4K over 4K, shared", "9000", "--asid", "5")]
    [InlineData("page: 0x15000, 4K, user, writable, executable; gPA 0x5000, 4K over 4K, private", "9000", "--asid", "5", "--vtom", "6000")]
    [InlineData("page: 0x18000, 4K, user, writable, executable; gPA 0x8000, 4K over 4K, shared", "7000", "--asid", "5", "--vtom", "6000")]
    [InlineData("fault: #PF 0x9 (P RSV) in the guest: the PTE at gPA 0x4000 has a reserved bit set", "0", "--asid", "5", "--vtom", "6000")]
    [InlineData("fault: #VC 0x404 in the guest: the page at gPA 0x6000, sPA 0x16000 is not validated", "1000", "--asid", "5")]
    [InlineData(
        Reported + "0x180000007 (P W U RMP final), EXITINFO2 0x5000: the page at gPA 0x5000, sPA 0x15000: a shared write", "9000", "--asid",
        "5", "--write")]
    [InlineData(
        Reported + "0x580000005 (P U RMP final ENC), EXITINFO2 0x8000: the page at gPA 0x8000, sPA 0x18000: a private access to a page",
        "6000", "--asid", "5")]
    [InlineData(
        Reported
            + "0x1580000005 (P U RMP final ENC VMPL), EXITINFO2 0x5000: the page at gPA 0x5000, sPA 0x15000: "
            + "the page is the guest's and validated, but its VMPL lacks the permission for a private read",
        "0", "--asid", "5", "--vmpl", "1")]
    [InlineData(
        Reported + "0x680000007 (P W U RMP table ENC), EXITINFO2 0x1000: the guest's PML4E at gPA 0x1000, sPA 0x11000: a private access",
        "0", "--asid", "6")]
    [InlineData(
        Reported
            + "0x280000007 (P W U RMP table), EXITINFO2 0x1000: the guest's PML4E at gPA 0x1000, sPA 0x11000: "
            + "a shared write to a page that is not the hypervisor's by an access to a guest page table",
        "0")]
    public void The_RMP_of_the_image_judges_a_guests_accesses(string end, params string[] args)
    {
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult result = Walk(image, [.. args, "--rmp", GuestCore.Rmp]);
        Assert.Equal((0, string.Empty), (result.Code, result.Error));
        Assert.StartsWith(end, result.OutputLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_without_the_RMP_bit_report_ENC_of_an_SNP_guest()
    {
        const string NotMapped = ", EXITINFO2 0x7000: in the nested tables, the PTE at 0xc038 is not present";
        using TemporaryFile image = new(GuestCore.Build());
        string[] snp = ["--rmp", GuestCore.Rmp, "--asid", "5"];
        // shared: the guest's entry has no C-bit
        Assert.Equal(Reported + "0x100000004 (U final)" + NotMapped, Walk(image, ["2000", .. snp]).OutputLines[^1]);
        Assert.Equal(Reported + "0x500000014 (U I/D final ENC)" + NotMapped, Walk(image, ["2000", "--fetch", .. snp]).OutputLines[^1]);
        Assert.Equal(Reported + "0x500000004 (U final ENC)" + NotMapped, Walk(image, ["2000", "--vtom", "8000", .. snp]).OutputLines[^1]);
        Assert.Equal(
            Reported + "0x600000006 (W U table ENC), EXITINFO2 0xb000: in the nested tables, the PTE at 0xc058 is not present",
            Walk(image, ["10000000000", .. snp]).OutputLines[^1]);
    }

    [Fact]
    public void With_GMET_U_S_of_the_nested_tables_is_a_matter_of_fetches()
    {
        using TemporaryFile image = new(GuestCore.WithoutRmp());
        ToolResult fetch = Walk(image, "8000", "--fetch", "--gmet");
        Assert.EndsWith(", nested root 0x9000, GMET", fetch.OutputLines[0], StringComparison.Ordinal);
        Assert.Equal(
            Reported
                + "0x100000011 (P I/D final), EXITINFO2 0x9000: in the nested tables, the page at 0x19000, 4K, user, read-only, "
                + "executable, does not allow it: GMET keeps supervisor code from user pages",
            fetch.OutputLines[^1]);
        Assert.StartsWith("page: 0x19000", Walk(image, "8000", "--fetch", "--gmet", "--user").OutputLines[^1], StringComparison.Ordinal);
        Assert.StartsWith("page: 0x19000", Walk(image, "8000", "--gmet").OutputLines[^1], StringComparison.Ordinal);
        Assert.StartsWith("page: 0x19000", Walk(image, "8000", "--fetch").OutputLines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Reserved_bits_of_either_kind_of_tables_are_named()
    {
        using TemporaryFile image = new(GuestCore.WithoutRmp());
        Assert.Equal(
            "  reserved: 0x1000000000000 (bit 48); physical addresses have 48 bits",
            Walk(image, "5000", "--maxphyaddr", "48").OutputLines[^2]);
        Assert.Equal(
            "    reserved: 0x80 (bit 7)",
            Tool.Run("walk", image.Path, "0", "--cr3", "8000000000", "--nested", "b000", "--processor", "intel").OutputLines[^2]);
        Assert.Equal(
            "fault: #PF 0x41 (P SS) in the guest: the page at gPA 0x5000, 4K, user, writable, executable, "
                + "is not a shadow stack of a supervisor: Dirty and read-only in its own entry alone",
            Walk(image, "9000", "--shadow-stack").OutputLines[^1]);
    }

    [Fact]
    public void The_RMP_entries_of_tables_and_page_are_reported()
    {
        using TemporaryFile image = new(GuestCore.Build());
        string[] lines =
        [
            .. Walk(
                image, "0", "--rmp", GuestCore.Rmp, "--asid", "5", "--vmpl",
                "1").OutputLines.Where(static line => line.StartsWith("    RMP ", StringComparison.Ordinal)),
        ];
        Assert.Equal(5, lines.Length);
        Assert.Equal(
            "    RMP   at 0x1004110: 4028000000001001 000000000000031f  Guest-Valid, 4K, ASID 5, gPA 0x1000, VMPL1 0x03 R W, "
                + "7 sub-pages of its region assigned",
            lines[0]);
        Assert.Equal(
            "    RMP   at 0x1004150: 4028000000005001 000000000000001f  Guest-Valid, 4K, ASID 5, gPA 0x5000, VMPL1 0x00, "
                + "7 sub-pages of its region assigned",
            lines[4]);
    }

    [Fact]
    public void A_nested_table_that_is_not_the_hypervisors_cannot_be_marked()
    {
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult result = Tool.Run("walk", image.Path, "0", "--cr3", "1000", "--nested", "11000", "--rmp", GuestCore.Rmp, "--asid", "5");
        Assert.Equal(
            [
                "  PML4E at gPA 0x1000",
                "    PML4E at 0x11000: 0000000000002007 -------UW  points to a table of PDPEs at 0x2000",
                Reported
                    + "0x680000007 (P W U RMP table ENC), EXITINFO2 0x1000: in the nested tables, the RMP forbids the walker to mark the "
                    + "PML4E at 0x11000",
            ],
            result.OutputLines[1..]);
    }

    [Fact]
    public void What_the_image_does_not_hold_is_named_and_no_failure()
    {
        using TemporaryFile image = new(GuestCore.Build());
        ToolResult guest = Walk(image, "8000000000").SpeaksProperly();
        Assert.Equal((0, "end: the guest's PDPE at gPA 0xa000, sPA 0x999000, is not in the image"), (guest.Code, guest.OutputLines[^1]));
        Assert.Equal($"fastrmp: {image.Path}: the guest's PDPE at gPA 0xa000, sPA 0x999000, is not in the image\n", guest.Error);
        ToolResult nested = Tool.Run("walk", image.Path, "0", "--cr3", "1000", "--nested", "abc000").SpeaksProperly();
        Assert.Equal((0, "end: the nested PML4E at 0xabc000 is not in the image"), (nested.Code, nested.OutputLines[^1]));
    }

    [Fact]
    public void Five_levels_of_either_kind_are_walked()
    {
        using TemporaryFile image = new(GuestCore.Build());
        Assert.StartsWith(
            "0x0: guest, kernel read, five levels over four, root 0x1000, nested root 0x9000\n  PML5E at gPA 0x1000, sPA 0x11000: ",
            Walk(image, "0", "--la57").Output, StringComparison.Ordinal);
        Assert.Contains(
            "four levels over five, root 0x1000, nested root 0x9000\n  PML4E at gPA 0x1000\n    PML5E at 0x9000: ",
            Walk(image, "0", "--nested-la57", "--processor", "milan").Output, StringComparison.Ordinal);
        using TemporaryFile five = new(GuestCore.Build(cr4: 0x1020));
        Assert.Contains("four levels over five", Walk(five, "0").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_cores_end_in_a_walk_or_a_message()
    {
        byte[] core = GuestCore.Build();
        Mutator mutator = new(7);
        for (int round = 0; round < 300; round++)
        {
            string[] rmp = round % 2 == 0 ? ["--rmp", GuestCore.Rmp, "--asid", "5"] : [];
            ToolResult result = Tool.RunWith(
                mutator.Mutate(core, core.Length), ["walk", "-", "0", "9000", "ffffffffffffffff", .. Roots, .. rmp])
                .SpeaksProperly();
            Assert.True(result.Code is 0 or 3, $"round {round}: {result.Code}");
        }
    }

    [Fact]
    public void Tables_that_point_at_themselves_end()
    {
        using TemporaryFile image = new(Cores.SelfReferencing());
        ToolResult result = Tool.Run("walk", image.Path, "1234", "--cr3", "1000", "--nested", "1000", "--la57", "--nested-la57");
        Assert.Equal((0, "page: 0x1234, 4K, user, writable, executable; gPA 0x1234, 4K over 4K"), (result.Code, result.OutputLines[^1]));
        Assert.Equal(1 + 35 + 1 + 1, result.OutputLines.Length);
    }

    private static ToolResult Walk(TemporaryFile image, params string[] args) => Tool.Run(["walk", image.Path, .. args, .. Roots]);
}
