using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Internals;
using FastRmp.Iommu;
using FastRmp.Tests.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>A batch of requests answers what single ones answer, in order, for every length and fault; and it reads ahead what they
/// read.</summary>
public sealed class IommuBatchTests
{
    private const int LongestBatch = 40; // a whole group and a bit

    private static readonly IommuWalkResult Untouched = new(default, IommuStatus.Contended, 5, 17, DmaRights.Write);

    [Fact]
    public void Batches_through_random_tables_equal_single_requests()
    {
        Random random = new(11);
        Dictionary<IommuStatus, int> met = [];
        for (int round = 0; round < 25; round++)
        {
            using RandomIommuTables world = new(random);
            for (int length = 0; length <= LongestBatch; length++)
            {
                DeviceAddress[] addresses = new DeviceAddress[length];
                for (int i = 0; i < length; i++)
                {
                    addresses[i] = world.Request().Address;
                }

                foreach (IommuWalkResult single in Compare(world, new DeviceId(world.Who()), addresses, length % 2 == 0))
                {
                    met[single.Status] = met.GetValueOrDefault(single.Status) + 1;
                }
            }
        }

        foreach (IommuStatus status in new[]
        {
            IommuStatus.Mapped, IommuStatus.NotPresent, IommuStatus.MalformedEntry, IommuStatus.RightsViolation, IommuStatus.OutOfReach,
            IommuStatus.OutsideMemory, IommuStatus.ForbiddenBits, IommuStatus.SkippedBits, IommuStatus.RmpViolation, IommuStatus.Interrupt,
            IommuStatus.DeviceTableOutsideMemory, IommuStatus.BeyondDeviceTable, IommuStatus.ForbiddenDeviceTableBits,
        })
        {
            Assert.True(met.GetValueOrDefault(status) > 20, $"{status}: {met.GetValueOrDefault(status)}");
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void All_entries_of_a_group_are_read_ahead(int mode)
    {
        IoTables tables = new IoTables().Device(0, mode);
        for (int level = mode; level > 1; level--)
        {
            for (int index = 0; index < 512; index++)
            {
                _ = tables.Set(mode - level, index, IoTables.Table(mode - level + 1) | ((ulong)(level - 1) << 9) | IoTables.AllRights
                    | IoTables.Present);
            }
        }

        for (int index = 0; index < 512; index++)
        {
            _ = tables.Set(mode - 1, index, IoTables.Leaf((ulong)index << 12, 12));
        }

        DeviceAddress[] addresses = [.. Enumerable.Range(1, LongestBatch).Select(static i => new DeviceAddress((ulong)i * 0x40_3000))];
        List<(ulong Address, bool IsHint)> notes = [];
        ReadAheadView view = new(tables.Memory, notes);
        NoCheck check = default;
        Assert.True(IommuWalker.TryLookup(ref view, tables.Iommu, new DeviceId(0), out DeviceTableEntry entry, out _));
        IommuWalkResult[] results = new IommuWalkResult[LongestBatch];
        notes.Clear();
        BatchPace.OfDeviceWalks.Fix(true);
        IommuWalker.Translate(ref view, tables.Iommu, entry, addresses, isWrite: true, ref check, results);
        HashSet<ulong> walked = [.. notes.Select(static note => note.Address)];
        Assert.Equal(mode * LongestBatch, notes.Count);
        Assert.All(results, static result => Assert.True(result.IsMapped));
        notes.Clear();
        BatchPace.OfDeviceWalks.Fix(false);
        IommuWalker.Translate(ref view, tables.Iommu, entry, addresses, isWrite: true, ref check, results);
        BatchPace.OfDeviceWalks.Fix(null);
        Assert.Equal(walked, [.. notes.Select(static note => note.Address)]);
        Assert.Equal((mode - 1) * LongestBatch, notes.Count(static note => note.IsHint));
        Assert.Equal((mode - 1 + mode) * LongestBatch, notes.Count(static note => !note.IsHint));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_check_is_asked_what_single_requests_ask_in_their_order(bool isOneByOne)
    {
        Random random = new(5);
        using RandomIommuTables world = new(random);
        WalkView view = new(world.Memory);
        List<ulong> single = [];
        List<ulong> batch = [];
        RecordingCheck check = Noting(single);
        RecordingCheck other = Noting(batch);
        for (int device = 0; device < RandomIommuTables.Devices; device++)
        {
            DeviceAddress[] addresses = [.. Enumerable.Range(0, LongestBatch).Select(_ => world.Request().Address)];
            foreach (DeviceAddress address in addresses)
            {
                _ = IommuWalker.Translate(ref view, world.Iommu, new DeviceId((ushort)device), address, isWrite: true, ref check);
            }

            BatchPace.OfDeviceWalks.Fix(isOneByOne);
            IommuWalker.Translate(
                ref view, world.Iommu, new DeviceId((ushort)device), addresses, isWrite: true, ref other,
                new IommuWalkResult[LongestBatch]);
            BatchPace.OfDeviceWalks.Fix(null);
        }

        Assert.True(single.Count > 200, $"{single.Count}");
        Assert.Equal(single, batch);

        static RecordingCheck Noting(List<ulong> accesses) => new([], static (_, _) => true, address =>
        {
            accesses.Add(address);
            return (address & 0x7000) != 0;
        });
    }

    [Fact]
    public void Too_little_room_for_results_is_refused_and_nothing_written()
    {
        IoTables tables = new IoTables().Device(0, 3);
        WalkView view = tables.View;
        IommuWalkResult[] results = [Untouched, Untouched];
        foreach (ushort device in (ushort[])[0, ushort.MaxValue])
        {
            Assert.Throws<ArgumentException>(
                "results",
                () => IommuWalker.Translate(ref view, tables.Iommu, new DeviceId(device), new DeviceAddress[3], isWrite: false, results));
        }

        NoCheck check = default;
        DeviceTableEntry entry = default;
        Assert.Throws<ArgumentException>(
            "results",
            () => IommuWalker.Translate(ref view, tables.Iommu, entry, new DeviceAddress[3], isWrite: false, ref check, results));
        Assert.Equal([Untouched, Untouched], results);
    }

    [Fact]
    public void A_batch_allocates_nothing()
    {
        using RandomIommuTables world = new(new Random(6));
        DeviceAddress[] addresses = [.. Enumerable.Range(0, 300).Select(_ => world.Request().Address)];
        IommuWalkResult[] results = new IommuWalkResult[addresses.Length];
        Allocations.RequireNone(Run, rounds: 1);

        void Run()
        {
            WalkView view = new(world.Memory);
            DmaRmpCheck<ContiguousGeometry> check = new(world.Rmp.Table);
            foreach (bool? way in (bool?[])[true, false, null])
            {
                BatchPace.OfDeviceWalks.Fix(way);
                for (ushort device = 0; device < 8; device++)
                {
                    IommuWalker.Translate(ref view, world.Iommu, new DeviceId(device), addresses, isWrite: false, results);
                    IommuWalker.Translate(ref view, world.Iommu, new DeviceId(device), addresses, isWrite: true, ref check, results);
                }
            }
        }
    }

    private static IommuWalkResult[] Compare(RandomIommuTables world, DeviceId device, DeviceAddress[] addresses, bool isWrite)
    {
        WalkView view = new(world.Memory);
        DmaRmpCheck<ContiguousGeometry> check = new(world.Iommu.IsSnpEnabled ? world.Rmp.Table : null);
        NoCheck none = default;
        IommuWalkResult[] single = new IommuWalkResult[addresses.Length];
        IommuWalkResult[] unasked = new IommuWalkResult[addresses.Length];
        for (int i = 0; i < addresses.Length; i++)
        {
            single[i] = IommuWalker.Translate(ref view, world.Iommu, device, addresses[i], isWrite, ref check);
            unasked[i] = IommuWalker.Translate(ref view, world.Iommu, device, addresses[i], isWrite, ref none);
        }

        IommuWalkResult[] results = new IommuWalkResult[addresses.Length + 3];
        foreach (bool? way in (bool?[])[true, false, null]) // each way, and as the clock decides
        {
            BatchPace.OfDeviceWalks.Fix(way);
            results.AsSpan().Fill(Untouched);
            IommuWalker.Translate(ref view, world.Iommu, device, addresses, isWrite, ref check, results);
            Assert.Equal([.. single, Untouched, Untouched, Untouched], results);
            results.AsSpan().Fill(Untouched);
            IommuWalker.Translate(ref view, world.Iommu, device, addresses, isWrite, results);
            Assert.Equal([.. unasked, Untouched, Untouched, Untouched], results);
        }

        BatchPace.OfDeviceWalks.Fix(null);
        return single;
    }
}
