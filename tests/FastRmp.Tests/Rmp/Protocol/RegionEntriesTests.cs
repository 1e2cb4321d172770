using System;
using Xunit;

namespace FastRmp.Tests.Rmp.Protocol;

/// <summary>Each method against a loop over the entries, in a region between two others.</summary>
public sealed class RegionEntriesTests : IDisposable
{
    private const nuint Base = 1024;
    private const nuint Last = Base + RmpProtocol.LastSubpage;
    private const ulong Bytes = 64 << 10;

    private readonly PinnedMemory _storage = PinnedMemory.Allocate(Bytes);
    private readonly EntryStore _entries;

    public RegionEntriesTests() => _entries = new EntryStore(_storage);

    public void Dispose() => _storage.Dispose();

    [Fact]
    public void A_bit_of_any_sub_entry_is_found()
    {
        for (nuint i = Base + 1; i <= Last; i++)
        {
            Assert.Equal(default, RegionEntries.Union(_entries, Base));
            _entries.Low(i) = RmpEntry.LockMask;
            Assert.Equal(new RmpEntry(RmpEntry.LockMask, 0), RegionEntries.Union(_entries, Base));
            _entries.Low(i) = 0;
            _entries.High(i) = 4;
            Assert.Equal(new RmpEntry(0, 4), RegionEntries.Union(_entries, Base));
            _entries.High(i) = 0;
        }

        _entries.Low(Base + 1) = 1;
        _entries.Low(Base + 2) = 2;
        _entries.High(Last) = 8;
        Assert.Equal(new RmpEntry(3, 8), RegionEntries.Union(_entries, Base));
    }

    [Fact]
    public void What_the_base_and_other_regions_hold_is_not_found()
    {
        foreach (nuint i in (nuint[])[Base - 1, Base, Last + 1])
        {
            _entries.Low(i) = ulong.MaxValue;
            _entries.High(i) = ulong.MaxValue;
        }

        Assert.Equal(default, RegionEntries.Union(_entries, Base));
    }

    [Fact]
    public void A_lock_names_the_holder_and_keeps_all_but_the_guest_address()
    {
        const ulong Holder = 0x1234_5000;
        Verify(
            () => RegionEntries.Lock(_entries, Base, Holder),
            static old => new RmpEntry((old.Low & ~RmpEntry.GpaMask) | RmpEntry.LockMask | Holder, old.High));
    }

    [Fact]
    public void High_quadwords_are_written_and_low_ones_stay() =>
        Verify(() => RegionEntries.WriteHighs(_entries, Base, 0x1234), static old => new RmpEntry(old.Low, 0x1234));

    [Fact]
    public void Low_quadwords_are_written() =>
        Verify(
            () =>
            {
                RegionEntries.WriteHighs(_entries, Base, 0);
                RegionEntries.WriteLows(_entries, Base, RmpEntry.AssignedMask);
            },
            static _ => new RmpEntry(RmpEntry.AssignedMask, 0));

    [Theory]
    [InlineData(0x4000_0000UL, RmpEntry.GpaMask)]
    [InlineData(0xFFFF_FFE0_0000UL, 0xFFFF_FFFF_F000UL)]
    [InlineData(0xFFFF_FFF0_0000UL, 0xFFFF_FFFF_F000UL)]
    public void Guest_addresses_rise_and_wrap(ulong gpa, ulong mask)
    {
        ulong low = new RmpEntry { Assigned = true, Asid = 5, Validated = true }.Low | gpa;
        ulong[] highs = new ulong[512];
        for (nuint i = 0; i < 512; i++)
        {
            highs[i] = _entries.High(Base + i) = i * 3;
        }

        RegionEntries.WriteRising(_entries, Base, low, mask);
        Assert.Equal(0UL, _entries.Low(Base));
        Assert.Equal(0UL, _entries.Low(Last + 1));
        for (nuint i = 1; i < 512; i++)
        {
            Assert.Equal((low & ~RmpEntry.GpaMask) | ((gpa + (i << 12)) & mask), _entries.Low(Base + i));
            Assert.Equal(highs[i], _entries.High(Base + i));
        }
    }

    private void Verify(Action act, Func<RmpEntry, RmpEntry> expected)
    {
        Random random = new(1);
        RmpEntry[] before = new RmpEntry[(int)(Bytes / RmpEntry.SizeInBytes)];
        for (int i = 0; i < before.Length; i++)
        {
            before[i] = new RmpEntry((ulong)random.NextInt64(), (ulong)random.NextInt64());
            _entries.Low((nuint)i) = before[i].Low;
            _entries.High((nuint)i) = before[i].High;
        }

        act();
        for (int i = 0; i < before.Length; i++)
        {
            bool isSubEntry = (nuint)i > Base && (nuint)i <= Last;
            RmpEntry now = new(_entries.Low((nuint)i), _entries.High((nuint)i));
            Assert.Equal(isSubEntry ? expected(before[i]) : before[i], now);
        }
    }
}
