using System;
using System.Linq;
using FastRmp.Paging;
using FastRmp.Tests.Paging.Nested;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>What results of walks say in one line.</summary>
public sealed class WalkTextTests
{
    private const ulong Va = 0x7000_0000_0123UL;

    [Fact]
    public void A_walk_reports_the_page_or_the_fault_and_its_entry()
    {
        TableTree tree = new();
        _ = tree.Map(Va & ~0xFFFUL, 0x5000).Map(0x4000_0000, 0x20_0000, leafLevel: 2, flags: TableTree.P | TableTree.NX);
        Assert.Equal("mapped 0x5123, 4K, user rwx", tree.Translate(Va, new MemoryAccess(AccessKind.Write, IsUser: true)).ToString());
        Assert.Equal("mapped 0x200000, 2M, supervisor r--", tree.Translate(0x4000_0000, MemoryAccess.KernelRead).ToString());
        Assert.Equal(
            "#PF 0x3: no right to the 2M page, 0x200000 is supervisor r--",
            tree.Translate(0x4000_0000, MemoryAccess.KernelWrite).ToString());
        Assert.Equal("#PF 0x2: PML4E at 0x100008 not present", tree.Translate(1UL << 39, MemoryAccess.KernelWrite).ToString());
        Assert.Equal("#GP(0): address not canonical", tree.Translate(1UL << 63, MemoryAccess.KernelRead).ToString());
        ulong leaf = tree.EntryOf(Va, 1);
        tree.Change(Va, 1, static entry => entry | (1UL << 51));
        Assert.Equal($"#PF 0x9: PTE at 0x{leaf:x} with reserved bits", tree.Translate(Va, MemoryAccess.KernelRead).ToString());
        tree.Change(Va, 2, static _ => 0x4000_0000UL | TableTree.P);
        Assert.Equal("PTE at 0x40000000 outside the memory", tree.Translate(Va, MemoryAccess.KernelRead).ToString());
    }

    [Theory]
    [InlineData(WalkStatus.RmpViolation, 0x8000_0003U, PagingLevel.PageDirectory, "#PF 0x80000003: RMP violation at 0x5000, PDE")]
    [InlineData(WalkStatus.Contended, 0U, PagingLevel.PageMapLevel5, "PML5E at 0x5000 changed by others each time")]
    [InlineData(WalkStatus.NotPresent, 4U, PagingLevel.PageDirectoryPointer, "#PF 0x4: PDPE at 0x5000 not present")]
    public void A_walk_that_was_made_says_what_it_holds(WalkStatus status, uint code, PagingLevel level, string text) =>
        Assert.Equal(text, new WalkResult(PhysicalAddress.Create(0x5000), code, status, level, default, default).ToString());

    [Fact]
    public void A_mapping_reports_what_is_mapped_where()
    {
        TableTree tree = new();
        _ = tree.Map(0x4000_0000, 0x20_0000, leafLevel: 2, flags: TableTree.P | TableTree.NX);
        MappingEnumerator<WalkView> mappings = new(tree.View, tree.State());
        Assert.True(mappings.MoveNext());
        Assert.Equal("0x40000000 to 0x200000, 2M, supervisor r--", mappings.Current.ToString());
    }

    [Theory]
    [InlineData(WalkStage.Host, 6, 0UL, "Host level 6 at 0x3000: 0x5061")]
    [InlineData(WalkStage.Gcr3, 3, 0UL, "Gcr3 level 3 at 0x3000: 0x5061")]
    [InlineData(WalkStage.Guest, 1, 0x7000UL, "Guest level 1 at 0x3000, gpa 0x7000: 0x5061")]
    public void A_step_tells_the_entry_and_what_it_held(WalkStage stage, int level, ulong gpa, string text)
    {
        WalkStep step = new(stage, level, PhysicalAddress.Create(0x3000), 0x5061, GuestPhysicalAddress.Create(gpa));
        Assert.Equal(text, step.ToString());
        Assert.Equal((0x5061UL, 0x5061UL, (PagingLevel)level), (step.Entry.Value, step.IoEntry.Value, step.PagingLevel));
    }

    [Fact]
    public void A_guests_walk_reports_both_addresses()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        NestedWalkResult found = setup.Translate(va, MemoryAccess.KernelRead);
        Assert.Equal(
            $"mapped {found.Address}, gpa {found.Gpa}, 4K, {WalkWords.Rights(found.Rights)}, {(found.IsPrivate ? "private" : "shared")}",
            found.ToString());
        NestedWalkResult absent = setup.Translate(0x0000_5555_0000_0000UL, MemoryAccess.KernelWrite);
        Assert.StartsWith($"#PF 0x{absent.ErrorCode:x}: guest P", absent.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(" not present", absent.ToString(), StringComparison.Ordinal);
        Assert.Equal("#GP(0): guest address not canonical", setup.Translate(0x1234_0000_0000_0000UL, MemoryAccess.KernelRead).ToString());
        setup.Memory[setup.HostEntry(found.Gpa.Value, 1)] = 0;
        NestedWalkResult refused = setup.Translate(va, MemoryAccess.KernelRead);
        Assert.Equal($"NPF 0x{refused.ExitInfo1.Value:x} gpa {found.Gpa}: nested PTE at {refused.Address} not present", refused.ToString());
    }

    [Theory]
    [InlineData(NestedWalkStatus.NotValidated, 0x404UL, "VC 0x404: gpa 0x7000 at 0x5000 not validated")]
    [InlineData(NestedWalkStatus.RmpViolation, 0x1_8000_0007UL, "NPF 0x180000007 gpa 0x7000: RMP violation at 0x5000")]
    [InlineData(NestedWalkStatus.OutsideMemory, 0UL, "gpa 0x7000: an entry outside the memory")]
    [InlineData(NestedWalkStatus.Contended, 0UL, "gpa 0x7000: an entry changed by others each time")]
    public void A_guests_walk_that_was_made_says_what_it_holds(NestedWalkStatus status, ulong code, string text)
    {
        WalkResult guest = WalkResult.Mapped(PhysicalAddress.Create(0x7000), PagingLevel.PageTable, PageSize.Size4K, 0);
        WalkResult nested = WalkResult.Mapped(PhysicalAddress.Create(0x5000), PagingLevel.PageTable, PageSize.Size4K, 0);
        Assert.Equal(text, new NestedWalkResult(status, guest, nested, code).ToString());
    }

    [Fact]
    public void A_check_of_a_guest_reports_its_fault()
    {
        Assert.Equal("allowed", NestedCheckResult.Allowed.ToString());
        Assert.Equal("VC 0x404", NestedCheckResult.NotValidated.ToString());
        Assert.Equal("NPF 0x580000005", NestedCheckResult.NestedPageFault(new NestedPageFaultCode(0x5_8000_0005)).ToString());
    }

    [Fact]
    public void Every_text_is_one_line_whatever_the_value()
    {
        Random random = new(3);
        for (int i = 0; i < 5000; i++)
        {
            WalkResult walk = new(
                PhysicalAddress.Truncate((ulong)random.NextInt64()), (uint)random.Next(), (WalkStatus)random.Next(256),
                (PagingLevel)random.Next(256), (PageSize)random.Next(256), (PagingRights)random.Next(256));
            string[] texts =
            [
                walk.ToString(), new NestedWalkResult((NestedWalkStatus)random.Next(256), walk, walk, (ulong)random.Next()).ToString(),
            ];
            Assert.All(texts, static text => Assert.True(text.Length > 0 && !text.Any(char.IsControl)));
        }
    }
}
