using System;
using System.Threading;
using Xunit;

namespace FastRmp.Tests.Rmp.Protocol;

/// <summary>The rules of the protocol one by one, without instructions.</summary>
public sealed class RmpProtocolTests : IDisposable
{
    private const nuint Base = 1024; // the first index that a geometry may give
    private const nuint Sub = Base + 7;
    private const ulong Bytes = 64 << 10;

    private static readonly PhysicalAddress Page = PhysicalAddress.Create(0x7000);

    private readonly PinnedMemory _storage = PinnedMemory.Allocate(Bytes);
    private readonly RmpProtocol _rmp;

    public RmpProtocolTests() => _rmp = new RmpProtocol(new EntryStore(_storage), ProcessorModel.Genoa, ModelChoices.Default);

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void Publishing_a_base_entry_carries_the_count_as_it_is_by_then()
    {
        ref ulong word = ref _rmp.Entries.Low(Base);
        ulong seen = word;
        word = new LowQuadword(seen).Locked;
        Assert.True(_rmp.RaiseCount(ref word, word, Page).IsSuccess);
        _rmp.Publish(Base, new RmpEntry { Assigned = true, Asid = 3 }.Low);
        Assert.Equal(new RmpEntry { Assigned = true, Asid = 3, SubpageCount = 1 }.Low, word);
    }

    [Fact]
    public void A_sub_entry_is_published_as_it_is()
    {
        ulong low = new RmpEntry { Assigned = true, Asid = 3, SubpageCount = 2 }.Low;
        _rmp.Publish(Sub, low);
        Assert.Equal(low, _rmp.Entries.Low(Sub));
    }

    [Fact]
    public void The_count_stays_in_its_field()
    {
        ref ulong word = ref _rmp.Entries.Low(Base);
        RmpProtocol.LowerCount(ref word, word);
        Assert.Equal(new RmpEntry { SubpageCount = 511 }.Low, word);
        Assert.True(_rmp.RaiseCount(ref word, word, Page).IsSuccess);
        Assert.Equal(0UL, word);
    }

    [Fact]
    public void No_count_rises_in_a_region_that_is_frozen_or_large()
    {
        ref ulong word = ref _rmp.Entries.Low(Base);
        word = new RmpEntry { Asid = RmpEntry.LockAsid }.Low;
        Assert.True(_rmp.RaiseCount(ref word, word, Page).IsContention);
        word = new RmpEntry { Assigned = true, Asid = 1, PageSize = PageSize.Size2M }.Low;
        Assert.Equal(RmpResult.Fail(RmpStatus.FailOverlap), _rmp.RaiseCount(ref word, word, Page));
        Assert.Equal(0, new RmpEntry(word, 0).SubpageCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_update_that_finds_a_locked_sub_entry_releases_all_locks(bool isImmutable)
    {
        ulong obstacle = new RmpEntry { Lock = !isImmutable, Immutable = isImmutable }.Low;
        _rmp.Entries.Low(Sub) = obstacle;
        Assert.False(_rmp.TryLockSubpages(Base, refuseImmutable: true, out LowQuadword met));
        Assert.Equal(obstacle, (ulong)met);
        for (nuint i = Base; i <= Base + RmpProtocol.LastSubpage; i++)
        {
            Assert.Equal(i == Sub ? obstacle : 0, _rmp.Entries.Low(i));
        }
    }

    [Fact]
    public void All_sub_entries_are_locked_but_not_the_base_nor_another_region()
    {
        Assert.True(_rmp.TryLockSubpages(Base, refuseImmutable: true, out _));
        for (nuint i = Base; i <= Base + RmpProtocol.LastSubpage; i++)
        {
            Assert.Equal(i != Base, new LowQuadword(_rmp.Entries.Low(i)).IsLocked);
        }

        Assert.Equal(0UL, _rmp.Entries.Low(Base + RmpProtocol.LastSubpage + 1));
        _rmp.UnlockSubpages(Base, RmpProtocol.LastSubpage + 1);
        Assert.Equal(0UL, _rmp.Entries.Low(Base + RmpProtocol.LastSubpage));
    }

    [Fact]
    public void Sub_entries_are_plain_unless_one_may_be_held_or_the_table_is_damaged()
    {
        Assert.True(RmpProtocol.IsPlain(default, isLarge: false));
        Assert.True(RmpProtocol.IsPlain(new RmpEntry { Assigned = true }, isLarge: true));
        Assert.False(RmpProtocol.IsPlain(new RmpEntry { Assigned = true }, isLarge: false));
        foreach (bool isLarge in (bool[])[false, true])
        {
            Assert.False(RmpProtocol.IsPlain(new RmpEntry { Lock = true }, isLarge));
            Assert.False(RmpProtocol.IsPlain(new RmpEntry { Immutable = true }, isLarge));
            Assert.False(RmpProtocol.IsPlain(new RmpEntry { Asid = 1 }, isLarge));
            Assert.True(RmpProtocol.IsPlain(new RmpEntry(0, ulong.MaxValue), isLarge));
        }
    }

    [Fact]
    public void A_lock_names_its_holder_and_keeps_what_is_read_through_it()
    {
        ulong here = LockHolder.Current;
        ulong there = 0;
        Thread other = new(() => there = LockHolder.Current);
        other.Start();
        other.Join();
        LowQuadword low = new RmpEntry { Assigned = true, Asid = 3, Validated = true, Gpa = GuestPhysicalAddress.Create(0x7000) }.Low;
        RmpEntry locked = new(low.LockedBy(here), 0);
        Assert.True(locked is { Assigned: true, Asid: 3, Validated: true, Lock: true, Immutable: false });
        Assert.Equal(here, locked.Gpa.Value);
        Assert.NotEqual(0UL, here);
        Assert.NotEqual(here, there);
    }

    [Fact]
    public unsafe void Another_process_at_the_same_addresses_is_another_holder()
    {
        ulong here = LockHolder.Current;
        ulong number = *LockHolder.Process;
        Assert.NotEqual(0UL, number);
        *LockHolder.Process = number ^ 0x1_0000;
        ulong child = LockHolder.Current;
        *LockHolder.Process = number;
        Assert.NotEqual(here, child);
        Assert.Equal(here, LockHolder.Current);
    }

    [Fact]
    public void A_base_that_is_taken_is_told_from_one_that_is_frozen_for_another_reason()
    {
        LowQuadword small = new RmpEntry { SubpageCount = 0 }.Low;
        LowQuadword large = new RmpEntry { Assigned = true, Asid = 3, PageSize = PageSize.Size2M }.Low;
        foreach (LowQuadword low in (LowQuadword[])[small, large])
        {
            LowQuadword taken = low.Taken;
            Assert.True(taken is { IsTaken: true, IsFrozen: true, IsInMotion: true });
            Assert.Equal(low.IsAssigned, taken.IsAssigned);
            Assert.Equal(low.IsLarge, taken.IsLarge);
            Assert.False(new LowQuadword(low.Frozen).IsTaken);
            Assert.False(new LowQuadword(taken.Locked).IsTaken);
        }

        Assert.False(new LowQuadword(ulong.MaxValue).IsTaken);
    }

    [Fact]
    public void An_entry_that_is_being_changed_is_not_read_and_a_stable_one_is()
    {
        ref ulong word = ref _rmp.Entries.Low(Sub);
        word = new RmpEntry { Assigned = true, Asid = 1, Lock = true }.Low;
        Assert.False(_rmp.TryReadEntry(Sub, Page, out _));
        word = new RmpEntry { Assigned = true, Asid = RmpEntry.LockAsid }.Low;
        Assert.False(_rmp.TryReadEntry(Sub, Page, out _));
        word = RmpProtocol.FirmwareLow;
        Assert.True(_rmp.TryReadEntry(Sub, Page, out RmpEntry entry));
        Assert.Equal(RmpProtocol.FirmwareLow, entry.Low);
    }

    [Fact]
    public void A_new_version_is_one_of_the_region()
    {
        ulong before = _rmp.Version(Base);
        ulong other = _rmp.Version(Base + RmpProtocol.LastSubpage + 1);
        _rmp.BeginWrite(Sub);
        ulong first = _rmp.Version(Base);
        Assert.NotEqual(before, first);
        _rmp.BeginFencedWrite(Sub, _rmp.OwnCounts);
        Assert.NotEqual(before, _rmp.Version(Base));
        Assert.NotEqual(first, _rmp.Version(Base));
        Assert.Equal(other, _rmp.Version(Base + RmpProtocol.LastSubpage + 1));
    }

    [Fact]
    public void The_last_use_takes_the_mark_away_and_the_owner_comes_back()
    {
        ulong low = new RmpEntry { Assigned = true, Asid = 5, Vmsa = true, Validated = true }.Low;
        ref ulong word = ref _rmp.Entries.Low(Sub);
        word = low;
        Assert.True(_rmp.TryMark(Sub, Page, _rmp.InUse.Reserve(Page)));
        Assert.True(_rmp.TryMark(Sub, Page, _rmp.InUse.Reserve(Page)));
        Assert.True(new LowQuadword(word).IsMarked);
        Assert.True(_rmp.IsResting(Sub, word, Page));
        Assert.Equal(low, (ulong)_rmp.Owned(word, Page));
        Assert.True(_rmp.InUse.TryRemove(Page));
        _rmp.SettleMark(Sub, Page);
        Assert.True(new LowQuadword(word).IsMarked);
        Assert.True(_rmp.InUse.TryRemove(Page));
        Assert.False(_rmp.IsResting(Sub, word, Page)); // shown still, and in use no longer
        _rmp.SettleMark(Sub, Page);
        Assert.Equal(low, word);
    }
}
