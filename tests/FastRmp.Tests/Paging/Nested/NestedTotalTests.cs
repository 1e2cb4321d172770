using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Tests.Paging.Nested;

/// <summary>Every value of every enum and any address ends in a result; equality looks at every part of a state.</summary>
public sealed class NestedTotalTests
{
    [Fact]
    public void What_is_no_kind_of_access_is_a_read()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        NestedPagingState state = new(setup.GuestState(shadowStacks: true), setup.HostState(), isSnpGuest: true);
        GuestRmpCheck<ContiguousGeometry> check = new(setup.Pair.Table, NestedGuestSetup.Asid, vmpl: 1);
        WalkView view = new(setup.Memory);
        Random random = new(1);
        for (int kind = 3; kind < 256; kind++)
        {
            ulong any = random.Next(2) == 0
                ? (ulong)random.NextInt64(long.MinValue, long.MaxValue)
                : setup.Addresses[random.Next(setup.Addresses.Count)];
            VirtualAddress va = new(any);
            MemoryAccess access = new((AccessKind)kind, random.Next(2) == 0, random.Next(2) == 0, random.Next(2) == 0);
            MemoryAccess read = access with { Kind = AccessKind.Read };
            Assert.Equal(
                NestedWalker.Translate(ref view, state, va, read, ref check),
                NestedWalker.Translate(ref view, state, va, access, ref check));
            Assert.Equal(PageWalker.Translate(ref view, state.Host, va, read), PageWalker.Translate(ref view, state.Host, va, access));
        }
    }

    [Fact]
    public void A_shadow_stack_fetch_is_a_fetch()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        NestedPagingState state = new(setup.GuestState(smep: false, shadowStacks: true), setup.HostState(), isSnpGuest: true);
        NestedWalkResult plain = setup.Access(setup.Addresses[0], MemoryAccess.KernelFetch, state, vmpl: 3);
        NestedWalkResult claimed = setup.Access(setup.Addresses[0], MemoryAccess.KernelFetch with { IsShadowStack = true }, state, vmpl: 3);
        Assert.Equal(plain, claimed);
        GuestRmpCheck<ContiguousGeometry> check = new(setup.Pair.Table, NestedGuestSetup.Asid);
        Assert.Equal(
            check.CheckAccess(default, default, PageSize.Size4K, MemoryAccess.KernelFetch, isPrivate: true),
            check.CheckAccess(default, default, PageSize.Size4K, MemoryAccess.KernelFetch with { IsShadowStack = true }, isPrivate: true));
    }

    [Fact]
    public void Every_level_and_every_mode_is_answered()
    {
        PagingState state = new(default, PagingMode.FiveLevel, ProcessorModel.Genoa with { PhysicalAddressWidth = 40 });
        for (int value = 0; value < 256; value++)
        {
            bool isLevel = value is >= 1 and <= 5;
            Assert.Equal(isLevel, state.ReservedBitsOf(new PagingEntry(ulong.MaxValue), (PagingLevel)value) != 0);
            if (value > 1)
            {
                Assert.Throws<ArgumentOutOfRangeException>("mode", () => new PagingState(default, (PagingMode)value, ProcessorModel.Genoa));
            }
        }
    }

    [Fact]
    public void States_that_differ_in_one_respect_are_not_equal()
    {
        using NestedGuestSetup setup = new(4, 4, isEncrypted: true);
        PagingState guest = setup.GuestState();
        PagingState host = setup.HostState(keys: new Pkru(4));
        NestedPagingState[] states =
        [
            new(guest, host),
            new(guest, host, isSnpGuest: true),
            new(guest, host, executeTrap: true),
            new(guest, host, default(GuestPhysicalAddress)),
            new(setup.GuestState(shadowStacks: true), host),
            new(guest, host, executeTrap: true, choices: new ModelChoices { GmetAllowsUserFetches = true }),
            new(guest, host, executeTrap: true, choices: new ModelChoices { GmetAlwaysReportsUser = true }),
            new(guest, host, choices: new ModelChoices { NestedKeysApply = true }),
            new(guest, host, choices: new ModelChoices { TableFaultsArePageAligned = true }),
            new(guest, host, choices: new ModelChoices { SetAccessedOnlyIfAllowed = true }),
            new(guest, host, choices: new ModelChoices { HideEncryptionOfNestedTableWrites = true }),
            new(guest, host, choices: new ModelChoices { ReportEncryptionOfSevGuests = true }),
        ];
        for (int i = 0; i < states.Length; i++)
        {
            for (int j = 0; j < states.Length; j++)
            {
                Assert.Equal(i == j, states[i] == states[j]);
                Assert.True(i != j || states[i].GetHashCode() == states[j].GetHashCode());
            }
        }
    }
}
