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
        using NestedWorld world = new(guestLevels, hostLevels, isEncrypted: false);
        world.Memory.Words.Fill(world.HostRoot | NestedWorld.Good);
        WalkView view = new(world.Memory);
        NoCheck check = default;
        WalkTrace trace = default;
        NestedWalkResult result = NestedWalker.Trace(
            ref view, world.State(), new VirtualAddress(0x1234_5678_9ABC), MemoryAccess.KernelRead, ref check, ref trace);
        Assert.True(result.IsMapped);
        Assert.Equal((guestLevels * (hostLevels + 1)) + hostLevels, trace.Count);
    }

    [Fact]
    public void Tables_of_ones_and_of_nothing_end_in_a_fault()
    {
        using NestedWorld world = new(5, 5, isEncrypted: true);
        world.Memory.Words.Fill(ulong.MaxValue);
        Assert.Equal(0x6_0000_000FUL, world.Access(world.Addresses[0], MemoryAccess.KernelRead).ExitInfo1.Value);
        world.Memory.Words.Clear();
        Assert.Equal(0x6_0000_0006UL, world.Access(world.Addresses[0], MemoryAccess.KernelRead).ExitInfo1.Value);
    }

    [Fact]
    public void An_entry_changed_before_it_is_marked_restarts_the_walk()
    {
        using NestedWorld world = new(4, 4, isEncrypted: true);
        ulong va = world.Addresses[0];
        ulong leaf = world.GuestEntry(va, 1).Address;
        int changes = 0;
        world.Memory.Racer = address =>
        {
            if (address == leaf && changes++ == 0) world.Memory[leaf] &= ~TableTree.W;
        };
        NestedWalkResult result = world.Access(va, MemoryAccess.KernelWrite);
        Assert.Equal((NestedWalkStatus.GuestPageFault, 0x3U), (result.Status, result.ErrorCode));
        Assert.Equal(1, changes);
    }

    [Fact]
    public void A_writer_that_always_wins_ends_the_walk_as_contended()
    {
        for (int which = 0; which < 3; which++)
        {
            using NestedWorld world = new(4, 4, isEncrypted: true);
            ulong va = world.Addresses[0];
            ulong entry = which == 0
                ? world.GuestEntry(va, 1).Address
                : which == 1 ? world.GuestEntry(va, 3).Address : world.HostEntry(NestedWorld.GuestStart, 2);
            world.Memory.Racer = address =>
            {
                if (address == entry) world.Memory[entry] ^= 1UL << 9;
            };
            Assert.Equal(NestedWalkStatus.Contended, world.Access(va, MemoryAccess.KernelWrite).Status);
        }
    }

    [Fact]
    public void A_walk_allocates_nothing_however_it_ends()
    {
        using NestedWorld world = new(4, 4, isEncrypted: true);
        world.Memory[world.GuestEntry(world.Addresses[1], 1).Address] = 0;
        ulong before = Walk(world);
        ulong after = 0;
        Allocations.RequireNone(() => after = Walk(world), rounds: 1);
        Assert.Equal(before, after);
    }

    private static ulong Walk(NestedWorld world)
    {
        WalkView view = new(world.Memory);
        NestedPagingState state = world.State();
        GuestRmpCheck<ContiguousGeometry> check = new(world.Pair.Table, NestedWorld.Asid);
        WalkTrace trace = default;
        ulong sum = 0;
        for (int i = 0; i < world.Addresses.Count; i++)
        {
            VirtualAddress va = new(world.Addresses[i]);
            sum += NestedWalker.Translate(ref view, state, va, MemoryAccess.KernelWrite, ref check).Address.Value;
            sum += NestedWalker.Translate(ref view, state, va, MemoryAccess.KernelWrite).ExitInfo1.Value;
            sum += NestedWalker.Trace(ref view, state, va, MemoryAccess.KernelWrite, ref check, ref trace).ErrorCode;
        }

        return sum;
    }
}
