using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>Tables that loop or change during the walk, and what a walk allocates.</summary>
public sealed class NestedHostileTests
{
    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    public void Tables_that_point_at_themselves_end_after_their_levels(int guestLevels, int hostLevels)
    {
        using NestedGuestSetup setup = new(guestLevels, hostLevels, isEncrypted: false);
        setup.Memory.Words.Fill(setup.HostRoot | NestedGuestSetup.Good);
        WalkView view = new(setup.Memory);
        NoCheck check = default;
        WalkTrace trace = default;
        NestedWalkResult result = NestedWalker.Trace(
            ref view, setup.State(), new VirtualAddress(0x1234_5678_9ABC), MemoryAccess.KernelRead, ref check, ref trace);
        Assert.True(result.IsMapped);
        Assert.Equal((guestLevels * (hostLevels + 1)) + hostLevels, trace.Count);
    }

    [Fact]
    public void Tables_of_ones_and_of_nothing_end_in_a_fault()
    {
        using NestedGuestSetup setup = new(5, 5, isEncrypted: true);
        setup.Memory.Words.Fill(ulong.MaxValue);
        Assert.Equal(0x6_0000_000FUL, setup.Access(setup.Addresses[0], MemoryAccess.KernelRead).ExitInfo1.Value);
        setup.Memory.Words.Clear();
        Assert.Equal(0x6_0000_0006UL, setup.Access(setup.Addresses[0], MemoryAccess.KernelRead).ExitInfo1.Value);
    }

    [Fact]
    public void An_entry_changed_before_it_is_marked_restarts_the_walk()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        ulong va = setup.Addresses[0];
        ulong leaf = setup.GuestEntry(va, 1).Address;
        int changes = 0;
        setup.Memory.Racer = address =>
        {
            if (address == leaf && changes++ == 0) setup.Memory[leaf] &= ~TableTree.W;
        };
        NestedWalkResult result = setup.Access(va, MemoryAccess.KernelWrite);
        Assert.Equal((NestedWalkStatus.GuestPageFault, 0x3U), (result.Status, result.ErrorCode));
        Assert.Equal(1, changes);
    }

    [Fact]
    public void A_writer_that_always_wins_ends_the_walk_as_contended()
    {
        for (int which = 0; which < 3; which++)
        {
            using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
            ulong va = setup.Addresses[0];
            ulong entry = which == 0
                ? setup.GuestEntry(va, 1).Address
                : which == 1 ? setup.GuestEntry(va, 3).Address : setup.HostEntry(NestedGuestSetup.GuestStart, 2);
            setup.Memory.Racer = address =>
            {
                if (address == entry) setup.Memory[entry] ^= 1UL << 9;
            };
            Assert.Equal(NestedWalkStatus.Contended, setup.Access(va, MemoryAccess.KernelWrite).Status);
        }
    }

    [Fact]
    public void A_walk_allocates_nothing_however_it_ends()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        setup.Memory[setup.GuestEntry(setup.Addresses[1], 1).Address] = 0;
        ulong before = Walk(setup);
        ulong after = 0;
        Allocations.RequireNone(() => after = Walk(setup), rounds: 1);
        Assert.Equal(before, after);
    }

    private static ulong Walk(NestedGuestSetup setup)
    {
        WalkView view = new(setup.Memory);
        NestedPagingState state = setup.State();
        GuestRmpCheck<ContiguousGeometry> check = new(setup.Pair.Table, NestedGuestSetup.Asid);
        WalkTrace trace = default;
        ulong sum = 0;
        for (int i = 0; i < setup.Addresses.Count; i++)
        {
            VirtualAddress va = new(setup.Addresses[i]);
            sum += NestedWalker.Translate(ref view, state, va, MemoryAccess.KernelWrite, ref check).Address.Value;
            sum += NestedWalker.Translate(ref view, state, va, MemoryAccess.KernelWrite).ExitInfo1.Value;
            sum += NestedWalker.Trace(ref view, state, va, MemoryAccess.KernelWrite, ref check, ref trace).ErrorCode;
        }

        return sum;
    }
}
