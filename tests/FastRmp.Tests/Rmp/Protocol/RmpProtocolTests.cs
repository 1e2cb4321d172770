using System;
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
        Assert.Equal(before + 1, _rmp.Version(Base));
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
