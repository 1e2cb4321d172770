using System;
using FastRmp.Iommu;
using Xunit;

namespace FastRmp.Tests.Iommu;

public sealed class IoPageSizeTests
{
    [Fact]
    public void Every_size_comes_back_from_its_entry_and_fits_its_level_alone()
    {
        for (int shift = 12; shift <= 51; shift++)
        {
            if (shift == 39) continue;
            ulong start = (0x5UL << shift) & PhysicalAddress.ValidMask;
            IoPageTableEntry entry = IoPageSize.Encode(PhysicalAddress.Create(start), shift, DmaRights.Read);
            Assert.True(entry is { Present: true, Readable: true, Writable: false });
            for (int level = 1; level <= 6; level++)
            {
                bool isOwn = level == IoPageSize.LevelOf(shift);
                if (entry.NextLevel == 0 && !isOwn) continue; // the same entry is another page elsewhere
                Assert.Equal(isOwn, IoPageSize.TryDecode(entry, level, out int found));
                if (isOwn) Assert.Equal(shift, found);
            }

            Assert.Equal(start, IoPageSize.DecodeBase(entry, shift).Value);
            Assert.Equal((shift - 12) % 9 == 0, entry.NextLevel == 0);
        }
    }

    [Fact]
    public void Levels_without_pages_of_their_own_size_and_runs_without_an_end_are_malformed()
    {
        IoPageTableEntry plain = new IoPageTableEntry { Present = true };
        for (int level = 1; level <= 6; level++)
        {
            Assert.Equal(level is not 4 and not 6, IoPageSize.TryDecode(plain, level, out _));
            IoPageTableEntry endless = new(0x000F_FFFF_FFFF_FE01UL);
            Assert.False(IoPageSize.TryDecode(endless, level, out _));
            Assert.False(IoPageSize.TryDecode(new IoPageTableEntry(endless.Value & ~(1UL << 51)), level, out _)); // 4 PiB
            Assert.Equal(level == 5, IoPageSize.TryDecode(new IoPageTableEntry(endless.Value & ~(1UL << 50)), level, out _)); // 2 PiB
        }
    }

    [Fact]
    public void Impossible_pages_are_refused()
    {
        foreach (int shift in new[] { 11, 39, 52 })
        {
            Assert.Throws<ArgumentOutOfRangeException>("shift", () => IoPageSize.Encode(default, shift, DmaRights.None));
        }

        Assert.Throws<ArgumentException>("start", () => IoPageSize.Encode(PhysicalAddress.Create(0x1000), 13, DmaRights.None));
    }
}
