using FastRmp.Paging;
using FastRmp.Tests.Rmp;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>
/// A guest's shadow stacks: its own tables judge them, the nested ones see data, the RMP has a permission for the supervisor's.
/// </summary>
public sealed class NestedShadowStackTests
{
    private const ulong Sss = 1UL << 37;
    private const ulong Read = 1UL << 0;
    private const ulong ReadWrite = 3UL << 0;
    private const ulong ShadowStack = 1UL << 4;

    [Theory]
    [InlineData(AccessKind.Read, false, TableTree.P, 0x25_0000_0004UL)]
    [InlineData(AccessKind.Write, false, TableTree.P, 0x25_0000_0006UL)]
    [InlineData(AccessKind.Write, false, TableTree.W, 0x25_0000_0007UL)]
    [InlineData(AccessKind.Write, true, TableTree.W, 0x5_0000_0007UL)]
    [InlineData(AccessKind.Read, true, TableTree.U, 0x5_0000_0005UL)]
    public void The_nested_tables_see_a_read_or_a_write(AccessKind kind, bool isUser, ulong flipped, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = ShadowStackPage(setup, isUser);
        NestedWalkResult good = setup.Translate(va, MemoryAccess.ShadowStack(kind, isUser), State(setup));
        Assert.True(good.IsMapped);
        setup.Memory[setup.HostEntry(good.Gpa.Value, 1)] ^= flipped;
        Assert.Equal(code, setup.Translate(va, MemoryAccess.ShadowStack(kind, isUser), State(setup)).ExitInfo1.Value);
        Assert.Equal(code, setup.Access(va, MemoryAccess.ShadowStack(kind, isUser), State(setup)).ExitInfo1.Value);
    }

    [Fact]
    public void A_fault_on_a_guests_table_is_not_reported_as_one_of_a_shadow_stack()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = ShadowStackPage(setup, isUser: false);
        setup.Memory[setup.HostEntry(setup.GuestEntry(va, 2).Gpa, 1)] = 0;
        Assert.Equal(0x6_0000_0006UL, setup.Translate(va, MemoryAccess.ShadowStack(AccessKind.Write), State(setup)).ExitInfo1.Value);
    }

    [Fact]
    public void The_guests_tables_judge_as_a_hosts()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = ShadowStackPage(setup, isUser: false);
        Assert.Equal(0x47U, setup.Translate(va, MemoryAccess.ShadowStack(AccessKind.Write, isUser: true), State(setup)).ErrorCode);
        Assert.Equal(0x3U, setup.Translate(va, MemoryAccess.KernelWrite, State(setup)).ErrorCode);
        setup.Memory[setup.GuestEntry(va, 2).Address] ^= TableTree.W;
        Assert.Equal(0x41U, setup.Translate(va, MemoryAccess.ShadowStack(AccessKind.Read), State(setup)).ErrorCode);
        NestedPagingState without = new(setup.GuestState(), setup.HostState(), isSnpGuest: true);
        Assert.True(setup.Translate(va, MemoryAccess.ShadowStack(AccessKind.Read), without).IsMapped); // no CET: a plain read
    }

    [Theory]
    [InlineData(AccessKind.Read, false, ShadowStack, 0UL)]
    [InlineData(AccessKind.Write, false, ShadowStack, 0UL)]
    [InlineData(AccessKind.Read, false, ReadWrite, 0x35_8000_0005UL)]
    [InlineData(AccessKind.Write, false, ReadWrite, 0x35_8000_0007UL)]
    [InlineData(AccessKind.Read, true, Read, 0UL)]
    [InlineData(AccessKind.Write, true, ReadWrite, 0UL)]
    [InlineData(AccessKind.Write, true, Read, 0x15_8000_0007UL)]
    [InlineData(AccessKind.Read, true, ShadowStack, 0x15_8000_0005UL)]
    public void The_VMPL_grants_supervisor_shadow_stacks_by_a_bit_of_their_own(AccessKind kind, bool isUser, ulong mask, ulong code)
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = ShadowStackPage(setup, isUser);
        ulong page = setup.Translate(va, MemoryAccess.ShadowStack(AccessKind.Read, isUser), State(setup)).Address.Value & ~0xFFFUL;
        RmpEntry entry = setup.Pair.Raw(page);
        setup.Pair.Poke(page, entry.Low, mask);
        Assert.Equal(code, setup.Access(va, MemoryAccess.ShadowStack(kind, isUser), State(setup)).ExitInfo1.Value);
    }

    [Fact]
    public void A_processor_without_that_bit_asks_for_the_data_permissions()
    {
        using ModelPair old = new(4, ProcessorModel.Milan with { FullVmpl0Permissions = (VmplPermissions)0xF }, ModelChoices.Default);
        GuestRmpCheck<ContiguousGeometry> check = new(old.Table, NestedGuestSetup.Asid);
        old.Poke(0x20_0000UL, 0x4000_0000_0000_0001UL | ((ulong)NestedGuestSetup.Asid << 51) | 0x20_0000UL, ReadWrite);
        GuestPhysicalAddress gpa = GuestPhysicalAddress.Create(0x20_0000UL);
        PhysicalAddress spa = PhysicalAddress.Create(0x20_0000UL);
        Assert.True(check.CheckAccess(gpa, spa, PageSize.Size4K, MemoryAccess.ShadowStack(AccessKind.Write), isPrivate: true).IsAllowed);
    }

    [Fact]
    public void A_private_shadow_stack_page_without_owner_has_all_bits_of_its_access()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = ShadowStackPage(setup, isUser: false);
        ulong page = setup.Translate(va, MemoryAccess.ShadowStack(AccessKind.Read), State(setup)).Address.Value & ~0xFFFUL;
        setup.Pair.Poke(page, 0, 0);
        Assert.Equal(0x5_8000_0005UL | Sss, setup.Access(va, MemoryAccess.ShadowStack(AccessKind.Read), State(setup)).ExitInfo1.Value);
    }

    private static NestedPagingState State(NestedGuestSetup setup) =>
        new(setup.GuestState(shadowStacks: true), setup.HostState(), isSnpGuest: true);

    private static ulong ShadowStackPage(NestedGuestSetup setup, bool isUser)
    {
        ulong va = setup.Addresses[0];
        ulong leaf = setup.GuestEntry(va, 1).Address;
        setup.Memory[leaf] = (setup.Memory[leaf] & ~(TableTree.W | TableTree.U)) | TableTree.D | (isUser ? TableTree.U : 0);
        return va;
    }
}
