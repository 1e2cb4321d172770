using System;
using System.Collections.Generic;
using FastRmp.Iommu;
using FastRmp.Reference;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>
/// Guest (v2) tables at random, alone and over host tables of one to three levels, against the reference: outcome, event, every entry read,
/// every entry marked.
/// </summary>
public sealed class GuestIommuDifferentialTests
{
    private static readonly ulong[] Controls = [ulong.MaxValue, 0, 1UL << 16, (1UL << 16) | (1UL << 58), (1UL << 16) | (1UL << 45)];

    [Theory]
    [InlineData(false, 51)]
    [InlineData(true, 52)]
    public void Random_tables_agree_with_the_reference(bool isNested, int seed)
    {
        Random random = new(seed);
        Dictionary<(WalkStage Stage, IommuStatus Status), int> met = [];
        for (int round = 0; round < 70; round++)
        {
            GuestIoTables tables = new(isNested);
            tables.Scramble(random);
            bool isGcr3Nested = isNested && random.Next(2) == 0;
            tables.Iommu = State(random, tables.Iommu, isGcr3Nested);
            for (int id = 0; id < 24; id++)
            {
                int mode = isNested ? 1 + (id % 3) : 0;
                ulong flags = (random.Next(6) == 0 ? (ulong)random.Next(4) << 61 : IoTables.AllRights) | 3 | ((ulong)random.Next(4) << 7);
                ulong root = isGcr3Nested ? 0x1000UL : GuestIoTables.PageAt(1);
                tables.Device(
                    id, mode, random.Next(20) == 0 ? 3 : id % 3, root, isFiveLevel: random.Next(2) == 0, giov: random.Next(2) == 0, flags,
                    (ushort)random.Next(65536));
            }

            WalkView view = tables.View;
            for (int i = 0; i < 300; i++)
            {
                IommuRequest request = Request(random);
                ushort device = (ushort)random.Next(24);
                IommuStatus status = IommuComparison.Translate(ref view, tables.Memory.Read, tables.Iommu, device, request);
                WalkStage stage = StageOf(ref view, tables.Iommu, device, request);
                met[(stage, status)] = met.GetValueOrDefault((stage, status)) + 1;
                _ = IommuComparison.Access(tables.Memory, tables.Iommu, device, request);
            }
        }

        List<(WalkStage, IommuStatus)> wanted =
        [
            (WalkStage.Guest, IommuStatus.Mapped), (WalkStage.Guest, IommuStatus.NotPresent),
            (WalkStage.Guest, IommuStatus.ForbiddenBits),
            (WalkStage.Guest, IommuStatus.RightsViolation), (WalkStage.Guest, IommuStatus.NonCanonical),
            (WalkStage.Gcr3, IommuStatus.InvalidGcr3),
            (WalkStage.Gcr3, IommuStatus.PasidOutOfReach), (WalkStage.Host, IommuStatus.ForbiddenDeviceTableBits),
            (WalkStage.Host, IommuStatus.IllegalDeviceTableEntry),
        ];
        if (isNested)
        {
            wanted.AddRange(
            [
                (WalkStage.Nested, IommuStatus.NotPresent), (WalkStage.Nested, IommuStatus.RightsViolation),
                (WalkStage.Nested, IommuStatus.OutOfReach),
                (WalkStage.Nested, IommuStatus.ForbiddenBits), (WalkStage.Nested, IommuStatus.MalformedEntry),
            ]);
        }
        else
        {
            wanted.Add((WalkStage.Guest, IommuStatus.OutsideMemory));
        }

        foreach ((WalkStage, IommuStatus) kind in wanted)
        {
            Assert.True(met.GetValueOrDefault(kind) > 20, $"{kind}: {met.GetValueOrDefault(kind)}");
        }
    }

    [Theory]
    [InlineData(false, 61)]
    [InlineData(true, 62)]
    public void Listings_agree_page_by_page(bool isNested, int seed)
    {
        Random random = new(seed);
        int pages = 0;
        for (int round = 0; round < (isNested ? 6 : 20); round++)
        {
            GuestIoTables tables = new(isNested);
            Thin(tables, random, isNested, isFiveLevel: round % 5 == 0);
            tables.Device(
                3, isNested ? 1 + (round % 3) : 0, round % 2, GuestIoTables.PageAt(round % 2 == 0 ? 1 : 3), isFiveLevel: round % 5 == 0);
            tables.Iommu = new IommuState(IoTables.Start) { Control = new IommuControl(1UL << 16) };
            pages += Compare(tables, 3);
        }

        Assert.True(pages > 5_000, $"{pages}");
    }

    private static int Compare(GuestIoTables tables, ushort device)
    {
        WalkView view = tables.View;
        ReferenceIommu reference = IommuComparison.Reference(tables.Iommu, tables.Memory.Read);
        Assert.True(IommuWalker.TryLookup(ref view, tables.Iommu, new DeviceId(device), out DeviceTableEntry entry, out _));
        int pages = 0;
        for (uint pasid = 0; pasid < 3; pasid++)
        {
            IReadOnlyList<(ulong Iova, ulong Spa, bool CanRead, bool CanWrite)> expected = reference.ListGuest(device, pasid);
            GuestIoMappingEnumerator<WalkView> mappings = new(
                view, tables.Iommu, entry, pasid, pasid, default, new DeviceAddress(ulong.MaxValue));
            int at = 0;
            while (mappings.MoveNext())
            {
                IoMapping found = mappings.Current;
                Assert.Equal(pasid, found.Pasid);
                for (ulong offset = 0; offset < found.Size; offset += 0x1000)
                {
                    Assert.True(at < expected.Count, $"{found}");
                    (ulong, ulong, bool, bool) row = (
                        found.DeviceAddress.Value + offset, found.Address.Value + offset, (found.Rights & DmaRights.Read) != 0,
                        (found.Rights & DmaRights.Write) != 0);
                    Assert.Equal(expected[at++], row);
                }
            }

            Assert.Equal(expected.Count, at);
            pages += at;
        }

        return pages;
    }

    /// <summary>
    /// One table of each level, of which few entries lead on to the next, and no page larger than 2 MiB, since the reference asks for each
    /// 4 KiB.
    /// </summary>
    private static void Thin(GuestIoTables tables, Random random, bool isNested, bool isFiveLevel)
    {
        for (int pasid = 0; pasid < 3; pasid++)
        {
            tables.Memory[GuestIoTables.PageAt(2) + (8UL * (ulong)pasid)] = tables.Pointer(isFiveLevel ? 4 : 5) | (pasid == 1 ? 0UL : 1UL);
            tables.Memory[GuestIoTables.PageAt(1) + (8UL * (ulong)pasid)] = tables.Pointer(isFiveLevel ? 4 : 5) | (pasid == 2 ? 0UL : 1UL);
        }

        tables.Memory[GuestIoTables.PageAt(3)] = GuestIoTables.PageAt(2) | 1;
        for (int page = 4; page < 12; page++)
        {
            int entries = page < 7 ? 2 : page == 7 ? 5 : 30;
            for (int i = 0; i < entries; i++)
            {
                ulong entry = page < 8
                    ? tables.Pointer(page < 7 ? page + 1 : 8 + random.Next(4))
                    : isNested ? (ulong)random.Next(600) << 12 : (ulong)random.Next(1 << 20) << 12;
                if (page == 7 && random.Next(4) == 0) entry = ((ulong)random.Next(isNested ? 2 : 512) << 21) | 0x80;
                entry |= (random.Next(8) == 0 ? (ulong)random.Next(8) : 7UL) | (random.Next(6) == 0 ? 1UL << 63 : 0);
                // reserved, or the address of a 2 MiB page
                if (random.Next(25) == 0) entry |= page < 6 ? 1UL << 8 : page == 7 ? 1UL << 14 : 0;
                if (page == 7 && (entry & 0x80) == 0) entry &= ~(1UL << 14);
                tables.Memory[GuestIoTables.PageAt(page) + (8UL * (ulong)random.Next(512))] = entry;
            }
        }

        if (isNested) tables.HostTables(random);
    }

    private static WalkStage StageOf(ref WalkView view, IommuState iommu, ushort device, IommuRequest request)
    {
        NoCheck check = default;
        return IommuWalker.Translate(ref view, iommu, new DeviceId(device), request, ref check).Stage;
    }

    private static IommuState State(Random random, IommuState plain, bool isGcr3Nested)
    {
        ulong control = Controls[random.Next(Controls.Length)] & ~(1UL << 58) | (isGcr3Nested ? 1UL << 58 : 0)
            | (random.Next(8) == 0 ? 0 : 1UL << 16);
        IommuState state = plain with { IsSnpEnabled = random.Next(3) == 0, Control = new IommuControl(control) };
        if (random.Next(2) == 0)
        {
            state = state with
            {
                Features = new IommuExtendedFeatures(random.Next(3) == 0 ? (ulong)random.NextInt64() | 1UL << 4 : ulong.MaxValue),
            };
        }

        if (random.Next(3) != 0) return state;
        return state with
        {
            Choices = new ModelChoices
            {
                GuestDmaFaultsAreGuestEvents = random.Next(2) == 0,
                GuestDmaFaultsReportGuest = random.Next(2) == 0,
                InvalidGcr3ReportsPresent = random.Next(2) == 0,
                NonCanonicalDmaReportsPresent = random.Next(2) == 0,
                OutOfReachReportsPresent = random.Next(2) == 0,
                DmaRightsAreCheckedAtLeaf = random.Next(2) == 0,
                DeviceRightsBeforeEncoding = random.Next(2) == 0,
                UnsupportedDeviceFieldsAreReserved = random.Next(2) == 0,
                ReservedDmaBitsReportReserved = random.Next(2) == 0,
                MalformedDmaEntryReportsReserved = random.Next(2) == 0,
            },
        };
    }

    private static IommuRequest Request(Random random)
    {
        ulong address = (ulong)random.NextInt64() >> random.Next(1, 20);
        if (random.Next(3) == 0) address = (ulong)((long)(address << 16) >> 16); // canonical for four levels
        else if (random.Next(20) != 0) address &= 0x7FFF_FFFF_FFFFUL;
        uint? pasid = random.Next(6) switch
        {
            0 => null,
            1 => (uint)random.Next(1 << 20),
            2 => (uint)random.Next(),
            _ => (uint)random.Next(512),
        };
        return new IommuRequest(new DeviceAddress(address), random.Next(2) == 0, pasid, random.Next(3) == 0, random.Next(4) == 0);
    }
}
