using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Internals;
using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>A batch answers what single walks answer, in order, for every length and fault.</summary>
public sealed class BatchTranslationTests
{
    private const int LongestBatch = 70; // two whole groups and a bit

    private static readonly WalkResult Untouched = new(
        PhysicalAddress.Create(0xDEAD_0000), 0xBAD, WalkStatus.Contended, PagingLevel.PageMapLevel5, PageSize.Size1G, PagingRights.Write);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Batches_through_random_tables_equal_single_walks(int seed)
    {
        Random random = new(seed);
        long[] outcomes = new long[8];
        for (int world = 0; world < 60; world++)
        {
            RandomPaging paging = new(random);
            for (int length = 0; length <= LongestBatch; length++)
            {
                VirtualAddress[] addresses = AnyAddresses(paging, random, length);
                MemoryAccess access = AnyAccess(random);
                uint refused = random.Next(3) == 0 ? (uint)random.Next() : 0;
                foreach (WalkResult single in Compare(paging, addresses, access, refused))
                {
                    outcomes[(int)single.Status]++;
                }
            }
        }

        foreach (WalkStatus status in Enum.GetValues<WalkStatus>().Where(static status => status != WalkStatus.Contended))
        {
            Assert.True(outcomes[(int)status] > 200, $"{status}: {outcomes[(int)status]}");
        }
    }

    [Theory]
    [InlineData(AccessKind.Read, false)]
    [InlineData(AccessKind.Write, false)]
    [InlineData(AccessKind.Fetch, true)]
    public void A_batch_over_a_real_kernel_equals_single_walks(AccessKind kind, bool isUser)
    {
        using LinuxImage image = new();
        Random random = new(5);
        VirtualAddress[] addresses = [.. LinuxImage.Listing().Select(line => new VirtualAddress(line.Va | (uint)random.Next(0x1000)))];
        random.Shuffle(addresses);
        for (int i = 0; i < addresses.Length; i += 50)
        {
            addresses[i] = new VirtualAddress(addresses[i].Value ^ (1UL << random.Next(64)));
        }

        MemoryAccess access = new(kind, isUser, MayTouchUserPages: true);
        SparseMemoryView view = image.Memory.View();
        WalkResult[] results = new WalkResult[addresses.Length];
        PageWalker.Translate(ref view, LinuxImage.State, addresses, access, results);
        for (int i = 0; i < addresses.Length; i++)
        {
            WalkResult single = PageWalker.Translate(ref view, LinuxImage.State, addresses[i], access);
            if (single != results[i]) Assert.Fail($"{addresses[i]}: {results[i]} instead of {single}");
        }
    }

    [Fact]
    public void A_check_is_asked_about_each_address_what_a_single_walk_asks()
    {
        RandomPaging paging = new(new Random(7));
        Random random = new(8);
        VirtualAddress[] addresses = AnyAddresses(paging, random, 500);
        WalkView view = new(paging.Memory);
        List<(ulong Entry, bool Writes)> single = [];
        List<(ulong Entry, bool Writes)> batch = [];
        RecordingCheck check = new(single, static (entry, _) => (entry & 0x38) != 0, static address => (address & 0x7000) != 0);
        RecordingCheck other = new(batch, static (entry, _) => (entry & 0x38) != 0, static address => (address & 0x7000) != 0);
        foreach (VirtualAddress address in addresses)
        {
            _ = PageWalker.Translate(ref view, paging.State, address, MemoryAccess.KernelRead, ref check);
        }

        PageWalker.Translate(ref view, paging.State, addresses, MemoryAccess.KernelRead, ref other, new WalkResult[500]);
        Assert.True(single.Count > 500);
        Assert.Equal(single.Order(), batch.Order());
    }

    [Fact]
    public void Too_little_room_for_results_is_refused_and_nothing_written()
    {
        TableTree tree = new TableTree().Map(0x4000_0000, 0x1000);
        WalkView view = tree.View;
        WalkResult[] results = [Untouched, Untouched];
        Assert.Throws<ArgumentException>(
            "results", () => PageWalker.Translate(ref view, tree.State(), new VirtualAddress[3], MemoryAccess.KernelRead, results));
        Assert.Equal([Untouched, Untouched], results);
    }

    [Fact]
    public void A_batch_allocates_nothing()
    {
        using LinuxImage image = new();
        VirtualAddress[] addresses = [.. LinuxImage.Listing().Take(1000).Select(static line => new VirtualAddress(line.Va))];
        WalkResult[] results = new WalkResult[addresses.Length];
        PagingStructureCache cache = new(LinuxImage.State);
        Allocations.RequireNone(Run, rounds: 1);

        void Run()
        {
            SparseMemoryView memory = image.Memory.View();
            PageWalker.Translate(ref memory, LinuxImage.State, addresses, MemoryAccess.KernelRead, results);
            PageWalker.Translate(ref memory, cache, addresses, MemoryAccess.KernelWrite, results);
            _ = PageWalker.Translate(ref memory, cache, addresses[0], MemoryAccess.KernelRead);
            cache.Invalidate(addresses[0]);
        }
    }

    private static WalkResult[] Compare(RandomPaging paging, VirtualAddress[] addresses, MemoryAccess access, uint refused)
    {
        WalkView view = new(paging.Memory);
        RecordingCheck check = new([], static (_, _) => true, address => ((refused >> (int)((address >> 12) & 31)) & 1) == 0);
        WalkResult[] single = new WalkResult[addresses.Length];
        for (int i = 0; i < addresses.Length; i++)
        {
            single[i] = PageWalker.Translate(ref view, paging.State, addresses[i], access, ref check);
        }

        WalkResult[] results = new WalkResult[addresses.Length + 3];
        // each way in turn, and as the clock decides
        BatchPace.OfWalks.Fix((addresses.Length % 3) switch { 0 => true, 1 => false, _ => null });
        results.AsSpan().Fill(Untouched);
        PageWalker.Translate(ref view, paging.State, addresses, access, ref check, results);
        Assert.Equal([.. single, Untouched, Untouched, Untouched], results);
        BatchPace.OfWalks.Fix(null);
        if (refused == 0)
        {
            results.AsSpan().Fill(Untouched);
            PageWalker.Translate(ref view, paging.State, addresses, access, results);
            Assert.Equal([.. single, Untouched, Untouched, Untouched], results);
        }

        return single;
    }

    private static VirtualAddress[] AnyAddresses(RandomPaging paging, Random random, int count)
    {
        VirtualAddress[] addresses = new VirtualAddress[count];
        for (int i = 0; i < count; i++)
        {
            ulong va = paging.AnyAddress();
            if (random.Next(20) == 0) paging.Mutate(va);
            addresses[i] = new VirtualAddress(va);
        }

        return addresses;
    }

    private static MemoryAccess AnyAccess(Random random) => new((AccessKind)random.Next(3), random.Next(2) == 0, random.Next(2) == 0);
}
