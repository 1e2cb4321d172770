using Xunit;

namespace FastRmp.Tests.Rmp.Protocol;

/// <summary>What the low quadword says to the protocol, held against the entry's fields.</summary>
public sealed class LowQuadwordTests
{
    private const ulong Gpa = 0x4020_0000;

    [Theory]
    [InlineData(false, false, false, false)]
    [InlineData(true, false, true, false)] // an instruction's lock
    [InlineData(false, true, true, false)]
    [InlineData(true, true, true, false)] // a resting firmware page
    public void Held_is_locked_or_immutable(bool isLocked, bool isImmutable, bool isHeld, bool isFrozen)
    {
        LowQuadword low = new RmpEntry { Assigned = true, Asid = 1, Lock = isLocked, Immutable = isImmutable }.Low;
        Assert.Equal(isLocked, low.IsLocked);
        Assert.Equal(isImmutable, low.IsImmutable);
        Assert.Equal(isHeld, low.IsHeld);
        Assert.Equal(isFrozen, low.IsFrozen);
        Assert.Equal(isLocked && !isImmutable, low.IsLockedMutable);
        Assert.Equal(isLocked && !isImmutable, low.IsInMotion);
    }

    [Fact]
    public void The_lock_value_freezes_an_entry_and_the_in_use_mark_leaves_it_stable()
    {
        LowQuadword frozen = new RmpEntry { Assigned = true, Asid = RmpEntry.LockAsid }.Low;
        Assert.True(frozen is { IsFrozen: true, IsInMotion: true, IsMarked: false, IsHeld: false });
        LowQuadword marked = new RmpEntry { Assigned = true, Asid = RmpEntry.InUseAsid, Lock = true }.Low;
        Assert.True(marked is { IsFrozen: false, IsInMotion: false, IsMarked: true, IsHeld: true, IsLockedMutable: true });
        LowQuadword unlocked = new RmpEntry { Assigned = true, Asid = RmpEntry.InUseAsid }.Low;
        Assert.True(unlocked is { IsMarked: false, IsInMotion: false });
    }

    [Fact]
    public void Each_predicate_asks_for_its_field_alone()
    {
        Assert.True(
            new LowQuadword(
                new RmpEntry
                {
                    Assigned = true,
                }.Low) is { IsAssigned: true, IsLarge: false, IsValidated: false, IsVmsa: false, HasCount: false });
        Assert.True(
            new LowQuadword(new RmpEntry { PageSize = PageSize.Size2M }.Low) is { IsLarge: true, IsAssigned: false, HasCount: false });
        Assert.True(new LowQuadword(new RmpEntry { Validated = true }.Low) is { IsValidated: true, IsVmsa: false });
        Assert.True(new LowQuadword(new RmpEntry { Vmsa = true }.Low) is { IsVmsa: true, IsValidated: false });
        Assert.True(new LowQuadword(new RmpEntry { SubpageCount = 511 }.Low) is { HasCount: true, IsAssigned: false, IsLarge: false });
        Assert.True(new LowQuadword(new RmpEntry { SubpageCount = 1 }.Low).HasCount);
    }

    [Fact]
    public void Lock_freeze_and_count_change_their_field_alone()
    {
        RmpEntry entry = new RmpEntry { Assigned = true, Asid = 5, SubpageCount = 17, Gpa = GuestPhysicalAddress.Create(Gpa), Vmsa = true };
        LowQuadword low = entry.Low;
        Assert.Equal((entry with { Lock = true }).Low, low.Locked);
        Assert.Equal((entry with { Asid = RmpEntry.LockAsid }).Low, low.Frozen);
        Assert.Equal((entry with { SubpageCount = 0 }).Low, low.WithoutCount);
        Assert.Equal(entry.Low, (ulong)low);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("asid", false)]
    [InlineData("gpa", false)]
    [InlineData("unassigned", false)]
    [InlineData("immutable", false)]
    [InlineData("locked", false)]
    public void A_guest_page_has_owner_and_address_and_is_neither_immutable_nor_locked(string broken, bool isGuests)
    {
        RmpEntry entry = new RmpEntry { Assigned = true, Asid = 5, Gpa = GuestPhysicalAddress.Create(Gpa) };
        entry = broken switch
        {
            "asid" => entry with { Asid = 6 },
            "gpa" => entry with { Gpa = GuestPhysicalAddress.Create(Gpa + 0x1000) },
            "unassigned" => entry with { Assigned = false },
            "immutable" => entry with { Immutable = true },
            "locked" => entry with { Lock = true },
            _ => entry,
        };
        Assert.Equal(isGuests, new LowQuadword(entry.Low).IsGuestPage(5, GuestPhysicalAddress.Create(Gpa + 0xFFF)));
    }

    [Theory]
    [InlineData(RmpEntry.MaxAsid, true)]
    [InlineData(RmpEntry.InUseAsid, false)] // marks own nothing
    [InlineData(RmpEntry.LockAsid, false)]
    public void A_mark_is_no_guest(ushort asid, bool isGuests)
    {
        RmpEntry entry = new RmpEntry { Assigned = true, Asid = asid, Gpa = GuestPhysicalAddress.Create(Gpa) };
        Assert.Equal(isGuests, new LowQuadword(entry.Low).IsGuestPage(asid, GuestPhysicalAddress.Create(Gpa)));
    }

    [Fact]
    public void Of_a_large_page_the_address_is_that_of_its_start()
    {
        LowQuadword low = new RmpEntry
        {
            Assigned = true,
            Asid = 5,
            PageSize = PageSize.Size2M,
            Gpa = GuestPhysicalAddress.Create(Gpa),
        }.Low;
        Assert.True(low.IsGuestPage(5, GuestPhysicalAddress.Create(Gpa + 0x1F_F123)));
        Assert.False(low.IsGuestPage(5, GuestPhysicalAddress.Create(Gpa + 0x20_0000)));
    }
}
