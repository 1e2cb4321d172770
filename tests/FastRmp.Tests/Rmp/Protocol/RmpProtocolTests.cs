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
    public void The_first_sub_entry_that_is_locked_or_immutable_is_in_the_way(bool isImmutable)
    {
        ulong obstacle = new RmpEntry { Lock = !isImmutable, Immutable = isImmutable }.Low;
        for (nuint i = 1; i <= RmpProtocol.LastSubpage; i++)
        {
            _rmp.Entries.Low(Base + i) = obstacle;
            Assert.False(_rmp.AreSubpagesFree(Base, refuseImmutable: true, out LowQuadword met));
            Assert.Equal(obstacle, (ulong)met);
            Assert.Equal(isImmutable, _rmp.AreSubpagesFree(Base, refuseImmutable: false, out met));
            Assert.Equal(isImmutable ? 0 : obstacle, (ulong)met);
            _rmp.Entries.Low(Base + i) = 0;
        }
    }

    [Fact]
    public void The_obstacle_is_the_first_one()
    {
        ulong last = new RmpEntry { Lock = true, Immutable = true }.Low;
        _rmp.Entries.Low(Base + RmpProtocol.LastSubpage) = last;
        _rmp.Entries.Low(Base + 300) = RmpEntry.LockMask;
        Assert.False(_rmp.AreSubpagesFree(Base, refuseImmutable: true, out LowQuadword met));
        Assert.Equal(RmpEntry.LockMask, (ulong)met);
    }

    [Fact]
    public void All_sub_entries_are_free_whatever_the_high_quadwords_and_another_region_hold()
    {
        for (nuint i = 0; i <= RmpProtocol.LastSubpage; i++)
        {
            _rmp.Entries.High(Base + i) = ulong.MaxValue;
        }

        _rmp.Entries.Low(Base + RmpProtocol.LastSubpage + 1) = ulong.MaxValue;
        Assert.True(_rmp.AreSubpagesFree(Base, refuseImmutable: true, out LowQuadword met));
        Assert.Equal(0UL, (ulong)met);
    }

    [Fact]
    public void All_sub_entries_are_written_but_not_the_base_nor_another_region()
    {
        RegionEntries.Fill(_rmp.Entries, Base, 5, 7);
        for (nuint i = Base - 1; i <= Base + RmpProtocol.LastSubpage + 1; i++)
        {
            bool isWritten = i > Base && i <= Base + RmpProtocol.LastSubpage;
            Assert.Equal(isWritten ? 5UL : 0, _rmp.Entries.Low(i));
            Assert.Equal(isWritten ? 7UL : 0, _rmp.Entries.High(i));
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
        Assert.NotEqual(before, _rmp.Version(Base));
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
