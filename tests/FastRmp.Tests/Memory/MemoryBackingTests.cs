using System;
using System.IO;
using System.Linq;
using FastRmp.DirectMap;
using Xunit;

namespace FastRmp.Tests.Memory;

/// <summary>Pages of 2 MiB: who asks for them, what a block says it got against what the system says, and how little a sparse block
/// takes.</summary>
public sealed unsafe class MemoryBackingTests
{
    private const ulong Large = 2UL << 20;

    /// <summary>Whether Linux gives pages of 2 MiB to who asks.</summary>
    private static bool AreGranted
    {
        get
        {
            const string Setting = "/sys/kernel/mm/transparent_hugepage/enabled";
            return File.Exists(Setting) && !File.ReadAllText(Setting).Contains("[never]", StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0x1000UL, LargePages.Automatic, PageSize.Size4K)]
    [InlineData(Large - 0x1000, LargePages.Automatic, PageSize.Size4K)]
    [InlineData(Large, LargePages.Automatic, PageSize.Size2M)]
    [InlineData(1UL << 30, LargePages.Automatic, PageSize.Size2M)]
    [InlineData((1UL << 30) + 0x1000, LargePages.Automatic, PageSize.Size4K)]
    [InlineData(256UL << 30, LargePages.Automatic, PageSize.Size4K)]
    [InlineData(256UL << 30, LargePages.Always, PageSize.Size2M)]
    [InlineData(0x1000UL, LargePages.Always, PageSize.Size2M)]
    [InlineData(64UL << 20, LargePages.Refuse, PageSize.Size4K)]
    public void A_reservation_asks_by_its_size_unless_told(ulong bytes, LargePages pages, PageSize requested)
    {
        if (!OperatingSystem.IsLinux()) return;
        if (requested == PageSize.Size2M && bytes > (ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8) pages = LargePages.Always;
        using PinnedMemory memory = PinnedMemory.Reserve(bytes, pages);
        Assert.Equal(requested, memory.Backing.Requested);
        Assert.Equal(bytes, memory.Length);
        if (requested == PageSize.Size4K || AreGranted) Assert.True(memory.Backing.IsGranted);
        Assert.Equal(0UL, memory.Backing.ResidentBytes);
    }

    [Theory]
    [InlineData(Large - 0x1000, LargePages.Automatic, PageSize.Size4K)]
    [InlineData(Large, LargePages.Automatic, PageSize.Size2M)]
    [InlineData(3 * Large, LargePages.Refuse, PageSize.Size4K)]
    public void An_allocation_asks_from_2_MiB_on(ulong bytes, LargePages pages, PageSize requested)
    {
        using PinnedMemory memory = PinnedMemory.Allocate(bytes, pages);
        Assert.Equal(requested, memory.Backing.Requested);
        Assert.Equal(-1, memory.Span(0, (int)bytes).IndexOfAnyExcept((byte)0));
        if (OperatingSystem.IsLinux()) Assert.InRange(memory.Backing.ResidentBytes, bytes, ulong.MaxValue);
    }

    [Fact]
    public void What_a_block_got_is_what_the_system_says()
    {
        if (!OperatingSystem.IsLinux()) return;
        using PinnedMemory memory = PinnedMemory.Reserve(5 * Large);
        Assert.Equal(0UL, (ulong)memory.Pointer % Large);
        memory.Span(Large + 5, 1)[0] = 1;
        memory.Span((3 * Large) + 7, 1)[0] = 1;
        MemoryBacking backing = memory.Backing;
        Assert.Equal((KibibytesOf(memory, "Rss:") << 10, KibibytesOf(memory, "AnonHugePages:") << 10), Found(backing));
        bool isLarge = AreGranted && backing.LargePageBytes != 0; // a machine without free 2 MiB gives others
        Assert.Equal(isLarge, backing.ResidentBytes >= Large);
        Assert.Equal(backing.LargePageBytes, memory.Slice(0, 0x1000).Backing.LargePageBytes);
    }

    [Fact]
    public void Small_pages_stay_small()
    {
        if (!OperatingSystem.IsLinux()) return;
        using PinnedMemory memory = PinnedMemory.Reserve(4 * Large, LargePages.Refuse);
        memory.Span(Large, 1)[0] = 1;
        Assert.Equal((0x1000UL, 0UL), Found(memory.Backing));
    }

    [Theory]
    [InlineData(LargePages.Automatic, PageSize.Size2M)]
    [InlineData(LargePages.Refuse, PageSize.Size4K)]
    public void Without_the_mapping_of_Linux_a_block_is_as_useful_and_says_that_it_got_nothing(LargePages pages, PageSize requested)
    {
        using PinnedMemory reserved = PinnedMemory.Reserved(3 * Large, pages, isPortable: true);
        using PinnedMemory allocated = PinnedMemory.Allocated(3 * Large, pages, isPortable: true);
        foreach (PinnedMemory memory in (PinnedMemory[])[reserved, allocated])
        {
            Span<byte> all = memory.Span(0, (int)(3 * Large));
            Assert.Equal(0UL, (ulong)memory.Pointer % 4096);
            Assert.Equal(-1, all.IndexOfAnyExcept((byte)0));
            all.Fill(0x77);
            Assert.Equal(requested, memory.Backing.Requested);
            Assert.Equal(requested == PageSize.Size4K, memory.Backing.IsGranted);
        }
    }

    [Fact]
    public void Tables_of_64_TiB_cost_4_KiB_an_entry_and_of_4_GiB_no_more_than_their_storage()
    {
        if (!OperatingSystem.IsLinux()) return;
        using ReverseMapTable<ContiguousGeometry> huge = Covering(64UL << 40); // without the claim of its own pages
        using ReverseMapTable<ContiguousGeometry> small = Covering(4UL << 30);
        const int Updates = 256;
        for (int i = 0; i < Updates; i++)
        {
            Assert.True(Assign(huge, (ulong)i << 38).IsSuccess);
            Assert.True(Assign(small, (ulong)i << 23).IsSuccess);
        }

        // an entry, the base entry of its region, and the counters
        Assert.InRange(huge.StorageBacking.ResidentBytes, Updates * 0x1000UL, (Updates + 8) * 0x1000UL);
        Assert.Equal(PageSize.Size4K, huge.StorageBacking.Requested);
        Assert.InRange(small.StorageBacking.ResidentBytes, Updates * 0x1000UL, (16UL << 20) + (2 * Large));
    }

    [Fact]
    public void A_disposed_block_table_or_map_has_no_backing()
    {
        ReverseMapTable<RmpGeometry> table = ReverseMapTable.Covering(4UL << 30, ProcessorModel.Genoa);
        HostDirectMap map = new([new PhysicalRange(default, 4UL << 30)], new DirectMapOptions());
        PinnedMemory memory = PinnedMemory.Reserve(Large);
        Assert.NotEqual(0UL, OperatingSystem.IsLinux() ? map.TablesBacking.ResidentBytes : 1);
        table.Dispose();
        map.Dispose();
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.StorageBacking);
        Assert.Throws<ObjectDisposedException>(() => map.TablesBacking);
        Assert.Throws<ObjectDisposedException>(() => memory.Backing);
    }

    [Fact]
    public void An_overrun_faults_on_either_side()
    {
        if (!OperatingSystem.IsLinux()) return;
        using PinnedMemory memory = PinnedMemory.Reserve(3 * 0x1000);
        ulong start = (ulong)memory.Pointer;
        string[] ranges =
            [.. File.ReadLines("/proc/self/maps").Where(line => Holds(line, start - 1) || Holds(line, start + memory.Length))];
        Assert.Equal(2, ranges.Length);
        Assert.All(ranges, static line => Assert.Contains("---p", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_listing_of_mappings_is_read_by_its_lines_and_a_damaged_one_counts_for_nothing()
    {
        string[] lines =
        [
            "100000-200000 rw-p 00000000 00:00 0", "Size: 1024 kB", "Rss:                 12 kB", "AnonHugePages:         0 kB",
            "200000-600000 rw-p 00000000 00:00 0", "Rss:               4096 kB", "AnonHugePages:      2048 kB",
            "ShmemPmdMapped:     2048 kB", "THPeligible:           1", "VmFlags: rd wr-mr 1-2 ",
            "600000-700000 rw-s 00000000 00:00 0", "Rss:              1 kB", "Rss: x kB", "Rss:", "FilePmdMapped: -1 kB", "THPeligible:    0", "zz-1 ",
            "-", "THPeligible:", "",
        ];
        Assert.Equal((4108UL << 10, 4UL << 20, false), MappedBytes.Of(lines, 0x1F_FFFF, 0x60_0000));
        Assert.Equal((1UL << 10, 0UL, true), MappedBytes.Of(lines, 0x60_0000, 0x60_0001));
        Assert.Equal((0UL, 0UL, false), MappedBytes.Of(lines, 0x70_0000, 0x80_0000));
    }

    private static ReverseMapTable<ContiguousGeometry> Covering(ulong bytes) =>
        new(ContiguousGeometry.Covering(PhysicalAddress.Create(0x10_0000), bytes), ProcessorModel.Genoa);

    private static RmpResult Assign(ReverseMapTable<ContiguousGeometry> table, ulong page) => table.RmpUpdate(
        ExecutionState.Host, PhysicalAddress.Create(page + 0x1000), new RmpUpdateOperand { Assigned = true, Asid = 1, Gpa = page });

    private static (ulong Resident, ulong Large) Found(MemoryBacking backing) => (backing.ResidentBytes, backing.LargePageBytes);

    private static ulong KibibytesOf(PinnedMemory memory, string name) => ulong.Parse(
        File.ReadLines("/proc/self/smaps")
            .SkipWhile(line => !Holds(line, (ulong)memory.Pointer))
            .First(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture);

    private static bool Holds(string line, ulong address)
    {
        string[] ends = line.Split(' ')[0].Split('-');
        return ends.Length == 2 && Convert.ToUInt64(ends[0], 16) <= address && address < Convert.ToUInt64(ends[1], 16);
    }
}
