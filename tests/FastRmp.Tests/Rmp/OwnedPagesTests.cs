using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>The pages of an ASID, against a plain loop over <see cref="ReverseMapTable{TGeometry}.Lookup(PhysicalAddress)"/>.</summary>
public sealed class OwnedPagesTests
{
    private const ulong Region = 0x20_0000;
    private const int Regions = 12;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void Every_page_comes_once_in_order_with_its_owner(int seed, bool isDamaged)
    {
        Random random = new(seed);
        using ReverseMapTable<ContiguousGeometry> table = new(Geometry, ProcessorModel.Genoa);
        int listed = 0;
        for (int round = 0; round < 40; round++)
        {
            for (int step = 0; step < 60; step++) Change(table, random);
            for (int step = 0; isDamaged && step < 6; step++) Damage(table, random);
            for (uint asid = 0; asid < 8; asid++) listed += Compare(table, asid);
            listed += Compare(table, RmpEntry.InUseAsid) + Compare(table, RmpEntry.MaxAsid);
            if (isDamaged) continue;
            for (uint asid = 1; asid < 8; asid++)
            {
                ulong pages = 0;
                foreach (OwnedPage page in table.PagesOf(asid)) pages += page.Size.Pages();
                Assert.Equal(table.AssignedPages(asid), pages);
            }
        }

        Assert.True(listed > 5000, $"{listed}");
    }

    [Fact]
    public void Pages_of_a_segmented_table_come_from_all_its_ranges()
    {
        SegmentedGeometry geometry = SegmentedGeometryTests.Make(
            0x10_0000, 30, [new(2, 1, 0x20_0000), new(0, 1, 0x8000_0000), new(3, 1, 0x4000_0000)]);
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, ProcessorModel.Turin);
        ulong[] pages = [0, 0x1000, 0x3FFF_F000, 0x8000_0000, 0xBFFF_F000, 0xC000_0000, 0xFFFF_F000];
        foreach (ulong page in pages) Assert.True(table.RmpUpdate(At(page), Operands.Assign(page, 5)).IsSuccess);
        Assert.Equal(pages, Listed(table, 5).Select(static page => page.Page.Value));
        Assert.Empty(Listed(table, 4));
    }

    [Fact]
    public void A_save_area_in_use_is_its_owners_if_the_table_knows_him()
    {
        using PinnedMemory storage = PinnedMemory.Allocate(Geometry.StorageBytes);
        using ReverseMapTable<ContiguousGeometry> table = new(Geometry, storage, ProcessorModel.Genoa, ModelChoices.Default);
        PhysicalAddress page = At(0x20_1000);
        Assert.True(table.RmpUpdate(page, Operands.Assign(0x7000, 5)).IsSuccess);
        Assert.True(table.TryReadRaw(page, out RmpEntry entry));
        Assert.True(table.TryWriteRaw(page, entry with { Vmsa = true, Validated = true }));
        table.MarkInUse(page);
        Assert.Equal(RmpEntry.InUseAsid, table.Lookup(page).Entry.Asid);
        OwnedPage found = Assert.Single(Listed(table, 5));
        Assert.Equal((page, true), (found.Page, found.Entry.IsInUseVmsa));
        Assert.Equal("0x201000 4K in use gpa 0x7000 validated vmsa", found.ToString());
        Assert.Empty(Listed(table, RmpEntry.InUseAsid));

        // A dump contains the mark, and not the owner.
        using PinnedMemory copy = PinnedMemory.Allocate(Geometry.StorageBytes);
        storage.ReadOnlySpan(0, (int)storage.Length).CopyTo(copy.Span(0, (int)copy.Length));
        using ReverseMapTable<ContiguousGeometry> dump = new(Geometry, copy, ProcessorModel.Genoa, ModelChoices.Default);
        Assert.Empty(Listed(dump, 5));
        Assert.Equal(page, Assert.Single(Listed(dump, RmpEntry.InUseAsid)).Page);
    }

    [Fact]
    public void A_text_says_page_size_and_owner() => Assert.Equal(
        "0x200000 2M asid 5 gpa 0x40000000",
        new OwnedPage(
            At(Region), PageSize.Size2M,
            new RmpEntry { Assigned = true, Asid = 5, Gpa = GuestPhysicalAddress.Create(0x4000_0000) }).ToString());

    [Fact]
    public void Misuse_is_refused()
    {
        using ReverseMapTable<ContiguousGeometry> table = new(Geometry, ProcessorModel.Genoa);
        Assert.Throws<ArgumentOutOfRangeException>("asid", () => table.PagesOf(0x3FF));
        Assert.Throws<ArgumentOutOfRangeException>("asid", () => table.PagesOf(uint.MaxValue));
        Assert.Throws<ArgumentNullException>("table", () => new OwnedPageEnumerator<ContiguousGeometry>(null!, 1));
        OwnedPageEnumerator<ContiguousGeometry> none = default;
        Assert.False(none.MoveNext());
        OwnedPageEnumerator<ContiguousGeometry> pages = table.PagesOf(1);
        Assert.False(pages.MoveNext() || pages.MoveNext());
        table.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pages.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => table.PagesOf(1).MoveNext());
    }

    [Fact]
    public void A_listing_allocates_nothing()
    {
        Random random = new(5);
        using ReverseMapTable<ContiguousGeometry> table = new(Geometry, ProcessorModel.Genoa);
        for (int step = 0; step < 400; step++) Change(table, random);
        ulong sum = 0;
        Allocations.RequireNone(() => sum += Sum(table));
        Assert.NotEqual(0UL, sum);
    }

    /// <summary>An instruction on a base holds the whole region for a moment, which is long if its thread does not run: pages beside it may
    /// then be left out of a listing, for no other reason.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_that_stay_are_found_while_all_around_them_changes(bool withBases)
    {
        using ReverseMapTable<ContiguousGeometry> table = new(Geometry, ProcessorModel.Genoa);
        HashSet<ulong> stable = [];
        for (ulong region = 0; region < Regions; region += 2)
        {
            for (ulong page = 3; page < 512; page += 61) stable.Add((region * Region) + (page << 12));
        }

        foreach (ulong page in stable) Assert.True(table.RmpUpdate(At(page), Operands.Assign(page, 5)).IsSuccess);
        int stop = 0;
        Task[] writers = [.. Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            Random random = new(seed);
            while (Volatile.Read(ref stop) == 0)
            {
                ulong page = ((ulong)random.Next(Regions) * Region) + ((ulong)random.Next(512) << 12);
                if (stable.Contains(page)) continue;
                if (random.Next(8) == 0) page &= ~(Region - 1);
                if (!withBases && page % (2 * Region) == 0) continue;
                PageSize size = page % Region == 0 ? (PageSize)random.Next(2) : PageSize.Size4K;
                ulong smashed = withBases || page % (2 * Region) >= Region ? page & ~(Region - 1) : page;
                _ = random.Next(9) == 0 ? table.PSmash(ExecutionState.Host, At(smashed))
                    : table.RmpUpdate(At(page), random.Next(2) == 0 ? Operands.Release(size) : Operands.Assign(page, 6, size));
            }
        }))];
        try
        {
            for (int round = 0; round < 300; round++)
            {
                int found = FoundOf(table, stable);
                for (int again = 0; withBases && found != stable.Count && again < 1000; again++)
                {
                    await Task.Delay(1, TestContext.Current.CancellationToken);
                    found = FoundOf(table, stable);
                }

                Assert.Equal(stable.Count, found);
                foreach (OwnedPage page in table.PagesOf(6))
                {
                    Assert.True(page.Entry is { Asid: 6, Assigned: true } && page.Entry.Gpa.Value == page.Page.Value);
                }
            }
        }
        finally
        {
            Volatile.Write(ref stop, 1);
            await Task.WhenAll(writers);
        }
    }

    private static int FoundOf(ReverseMapTable<ContiguousGeometry> table, HashSet<ulong> stable)
    {
        ulong last = 0;
        int found = 0;
        foreach (OwnedPage page in table.PagesOf(5))
        {
            Assert.True(stable.Contains(page.Page.Value) && page.Entry.Asid == 5 && page.Size == PageSize.Size4K);
            Assert.True(page.Page.Value > last);
            last = page.Page.Value;
            found++;
        }

        return found;
    }

    private static ContiguousGeometry Geometry => ContiguousGeometry.Covering(At(0x10_0000), Regions * Region);

    private static int Compare(ReverseMapTable<ContiguousGeometry> table, uint asid)
    {
        List<OwnedPage> expected = [];
        for (ulong page = 0; page < Regions * Region; page += 0x1000)
        {
            RmpLookup lookup = table.Lookup(At(page));
            if (!lookup.IsAssigned || (lookup.Size == PageSize.Size2M && page % Region != 0) || lookup.Entry.Asid != asid) continue;
            expected.Add(new OwnedPage(At(page), lookup.Size, lookup.Entry));
        }

        Assert.Equal(expected.Where(page => table.Lookup(page.Page).IsSettled), Listed(table, asid));
        return expected.Count;
    }

    private static List<OwnedPage> Listed<TGeometry>(ReverseMapTable<TGeometry> table, uint asid)
        where TGeometry : struct, IRmpGeometry
    {
        List<OwnedPage> pages = [];
        foreach (OwnedPage page in table.PagesOf(asid)) pages.Add(page);
        return pages;
    }

    private static ulong Sum(ReverseMapTable<ContiguousGeometry> table)
    {
        ulong sum = 0;
        foreach (OwnedPage page in table.PagesOf(5)) sum += page.Page.Value;
        foreach (OwnedPage page in table.PagesOf(6)) sum += page.Page.Value;
        return sum;
    }

    private static void Change(ReverseMapTable<ContiguousGeometry> table, Random random)
    {
        ulong region = (ulong)random.Next(Regions) * Region;
        ulong page = region + ((ulong)(random.Next(3) == 0 ? 0 : random.Next(512)) << 12);
        PageSize size = page == region ? (PageSize)random.Next(2) : PageSize.Size4K;
        _ = random.Next(6) switch
        {
            0 => table.PSmash(ExecutionState.Host, At(region)),
            1 => table.RmpUpdate(At(page), Operands.Release(size)),
            _ =>
                table.RmpUpdate(
                    At(page),
                    Operands.Assign(
                        (ulong)random.Next() << 12, random.Next(20) == 0 ? RmpEntry.MaxAsid : (uint)random.Next(8), size,
                        random.Next(30) == 0)),
        };
    }

    private static void Damage(ReverseMapTable<ContiguousGeometry> table, Random random)
    {
        PhysicalAddress page = At(((ulong)random.Next(Regions) * Region) + ((ulong)(random.Next(3) == 0 ? 0 : random.Next(512)) << 12));
        Assert.True(table.TryReadRaw(page, out RmpEntry entry));
        ulong low = random.Next(5) == 0 ? (ulong)random.NextInt64() : entry.Low ^ (1UL << random.Next(64));
        Assert.True(table.TryWriteRaw(page, new RmpEntry(low, entry.High)));
    }
}
