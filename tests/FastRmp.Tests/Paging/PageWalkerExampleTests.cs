using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>
/// The rules on rights, one access at a time: the rows without keys of the table in the paging specification, and their neighbours.
/// </summary>
public sealed class PageWalkerExampleTests
{
    private const ulong Va = 0x0000_1234_5678_9ABCUL;
    private const ulong Pa = 0x7000;

    [Theory]
    [InlineData(AccessKind.Write, ExamplePage.KernelReadOnly, 0x3U)]
    [InlineData(AccessKind.Write, ExamplePage.Kernel, 0U)]
    [InlineData(AccessKind.Read, ExamplePage.KernelReadOnly, 0U)]
    [InlineData(AccessKind.Read, ExamplePage.KernelNoExecute, 0U)]
    [InlineData(AccessKind.Fetch, ExamplePage.Kernel, 0U)]
    [InlineData(AccessKind.Fetch, ExamplePage.KernelNoExecute, 0x11U)]
    [InlineData(AccessKind.Fetch, ExamplePage.User, 0x11U)]
    [InlineData(AccessKind.Read, ExamplePage.User, 0x1U)]
    [InlineData(AccessKind.Write, ExamplePage.User, 0x3U)]
    [InlineData(AccessKind.Read, ExamplePage.Absent, 0x0U)]
    [InlineData(AccessKind.Write, ExamplePage.Absent, 0x2U)]
    [InlineData(AccessKind.Fetch, ExamplePage.Absent, 0x10U)]
    [InlineData(AccessKind.Read, ExamplePage.Malformed, 0x9U)]
    [InlineData(AccessKind.Write, ExamplePage.Malformed, 0xBU)]
    [InlineData(AccessKind.Fetch, ExamplePage.Malformed, 0x19U)]
    public void Kernel_accesses_with_every_protection_on(AccessKind kind, ExamplePage page, uint errorCode) =>
        Judge(Tree(page).Translate(Va, new MemoryAccess(kind)), page, errorCode);

    [Theory]
    [InlineData(AccessKind.Read, ExamplePage.Kernel, 0x5U)]
    [InlineData(AccessKind.Write, ExamplePage.Kernel, 0x7U)]
    [InlineData(AccessKind.Fetch, ExamplePage.Kernel, 0x15U)]
    [InlineData(AccessKind.Read, ExamplePage.User, 0U)]
    [InlineData(AccessKind.Write, ExamplePage.User, 0U)]
    [InlineData(AccessKind.Fetch, ExamplePage.User, 0U)]
    [InlineData(AccessKind.Read, ExamplePage.UserReadOnly, 0U)]
    [InlineData(AccessKind.Write, ExamplePage.UserReadOnly, 0x7U)]
    [InlineData(AccessKind.Fetch, ExamplePage.UserNoExecute, 0x15U)]
    [InlineData(AccessKind.Read, ExamplePage.UserNoExecute, 0U)]
    [InlineData(AccessKind.Read, ExamplePage.Absent, 0x4U)]
    [InlineData(AccessKind.Write, ExamplePage.Absent, 0x6U)]
    [InlineData(AccessKind.Fetch, ExamplePage.Absent, 0x14U)]
    [InlineData(AccessKind.Read, ExamplePage.Malformed, 0xDU)]
    [InlineData(AccessKind.Write, ExamplePage.Malformed, 0xFU)]
    [InlineData(AccessKind.Fetch, ExamplePage.Malformed, 0x1DU)]
    public void User_accesses_with_every_protection_on(AccessKind kind, ExamplePage page, uint errorCode) =>
        Judge(Tree(page).Translate(Va, new MemoryAccess(kind, IsUser: true)), page, errorCode);

    [Theory]
    [InlineData(ExamplePage.KernelReadOnly, false, 0U)]
    [InlineData(ExamplePage.UserReadOnly, false, 0U)]
    [InlineData(ExamplePage.UserReadOnly, true, 0x7U)]
    public void Without_CR0_WP_only_the_kernel_writes_read_only_pages(ExamplePage page, bool user, uint errorCode)
    {
        TableTree tree = Tree(page);
        MemoryAccess write = new(AccessKind.Write, user, MayTouchUserPages: true);
        Judge(tree.Translate(Va, write, tree.State(wp: false)), page, errorCode);
    }

    [Theory]
    [InlineData(AccessKind.Read, true, true, 0U)]
    [InlineData(AccessKind.Write, true, true, 0U)]
    [InlineData(AccessKind.Read, true, false, 0x1U)]
    [InlineData(AccessKind.Read, false, false, 0U)]
    [InlineData(AccessKind.Fetch, true, true, 0x11U)]
    public void SMAP_obeys_RFLAGS_AC_for_data_only(AccessKind kind, bool smap, bool ac, uint errorCode)
    {
        TableTree tree = Tree(ExamplePage.User);
        Judge(tree.Translate(Va, new MemoryAccess(kind, MayTouchUserPages: ac), tree.State(smap: smap)), ExamplePage.User, errorCode);
    }

    [Theory]
    [InlineData(false, true, 0U)]
    [InlineData(false, false, 0x11U)]
    [InlineData(true, false, 0U)]
    public void SMEP_keeps_only_the_kernel_from_fetching_user_pages(bool user, bool smepOff, uint errorCode)
    {
        TableTree tree = Tree(ExamplePage.User);
        Judge(tree.Translate(Va, new MemoryAccess(AccessKind.Fetch, user), tree.State(smep: !smepOff)), ExamplePage.User, errorCode);
    }

    [Theory]
    [InlineData("milan", true, true, 0x14U)]
    [InlineData("milan", true, false, 0x14U)]
    [InlineData("milan", false, true, 0x4U)]
    [InlineData("milan", false, false, 0x4U)]
    [InlineData("intel", true, true, 0x14U)]
    [InlineData("intel", true, false, 0x14U)]
    [InlineData("intel", false, true, 0x14U)]
    [InlineData("intel", false, false, 0x4U)]
    public void A_fetch_is_reported_with_NXE_and_on_Intel_with_SMEP_too(string processor, bool nxe, bool smep, uint errorCode)
    {
        Assert.True(ProcessorModel.TryGetPreset(processor, out ProcessorModel? model));
        TableTree tree = Tree(ExamplePage.Absent);
        tree.Processor = model;
        Judge(
            tree.Translate(Va, new MemoryAccess(AccessKind.Fetch, IsUser: true), tree.State(nxe: nxe, smep: smep)), ExamplePage.Absent,
            errorCode);
    }

    private static void Judge(WalkResult result, ExamplePage page, uint errorCode)
    {
        Assert.Equal(errorCode, result.ErrorCode);
        WalkStatus expected = page switch
        {
            ExamplePage.Absent => WalkStatus.NotPresent,
            ExamplePage.Malformed => WalkStatus.MalformedEntry,
            _ => errorCode == 0 ? WalkStatus.Mapped : WalkStatus.RightsViolation,
        };
        Assert.Equal(expected, result.Status);
        Assert.Equal(PagingLevel.PageTable, result.Level);
        if (page is not (ExamplePage.Absent or ExamplePage.Malformed)) Assert.Equal(Pa + (Va & 0xFFF), result.Address.Value);
    }

    private static TableTree Tree(ExamplePage page) => new TableTree().Map(Va, Pa, flags: page switch
    {
        ExamplePage.Absent => TableTree.W | TableTree.U,
        ExamplePage.Kernel => TableTree.P | TableTree.W,
        ExamplePage.KernelReadOnly => TableTree.P,
        ExamplePage.KernelNoExecute => TableTree.P | TableTree.W | TableTree.NX,
        ExamplePage.User => TableTree.P | TableTree.W | TableTree.U,
        ExamplePage.UserReadOnly => TableTree.P | TableTree.U,
        ExamplePage.UserNoExecute => TableTree.P | TableTree.W | TableTree.U | TableTree.NX,
        _ => TableTree.P | TableTree.W | TableTree.U | (1UL << 51),
    });
}
