using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.DirectMap;
using FastRmp.Internals;
using FastRmp.Iommu;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>cache</c>: what memory, its pages and the caches decide. Scans from memory against the best of a set of reads in
/// C, random accesses on pages of 4 KiB and of 2 MiB, batches of walks where tables are in the cache and where they are not,
/// stores through a translation cache.</summary>
/// <remarks>All contenders of a row run in turns in this process; the figure of each is its median.</remarks>
internal static unsafe class CacheCommand
{
    private const int ReadLoops = 8;
    private const double LeastOfRead = 0.95;
    private const double LeastGain = 1.4;
    private const double MostOfOneByOne = 1.05;
    private const double MostOfArray = 1.6;
    private const double MostOfStore = 2; // nanoseconds
    private const int BatchSize = 1024;
    private const int EntriesOfGibibyte = 262_144;

    private static readonly string[] ReadNames =
    [
        "1 stream", "2 streams", "4 streams", "8 streams",
        "1 in each MiB", "2 in each MiB", "4 in each MiB", "8 in each MiB",
    ];

    private static ulong _sink; // what is computed has to be used

    /// <summary>Measures and prints.</summary>
    /// <returns>0; the table says which aims were missed.</returns>
    internal static int Run()
    {
        const string Setting = "/sys/kernel/mm/transparent_hugepage/enabled";
        string setting = File.Exists(Setting) ? File.ReadAllText(Setting).Trim() : "not there";
        Console.WriteLine($"Transparent pages of 2 MiB: {setting}. C by {NativeBaselines.Compiler} with `-O3 -march=native`.");
        Console.WriteLine();
        Console.WriteLine("| scan | entries | pages | FastRmp | best read in C | of it | aim |");
        Console.WriteLine("|---|---:|---|---:|---|---:|---|");
        foreach (ulong mebibytes in (ulong[])[4, 64, 512])
        {
            Scans(mebibytes << 20);
        }

        Console.WriteLine();
        Console.WriteLine("| random accesses | pages of 4 KiB | pages of 2 MiB | throughput | aim |");
        Console.WriteLine("|---|---:|---:|---:|---|");
        RandomChecks();
        RandomWalks();
        Console.WriteLine();
        Console.WriteLine("| batch | as measured by itself | all together | one by one | to the better | aim |");
        Console.WriteLine("|---|---:|---:|---:|---:|---|");
        HotBatch(0x40_0000UL);
        HotBatch(0x1000_0000UL);
        ColdBatch(LargePages.Refuse);
        ColdBatch(LargePages.Automatic);
        foreach (int tables in (int[])[2, 64, NestedBatchWorkload.ColdTables])
        {
            NestedBatch(tables);
        }

        foreach (int tables in (int[])[2, 128, IommuBatchWorkload.ColdTables])
        {
            DeviceBatch(tables);
        }

        foreach (ulong mebibytes in (ulong[])[8, 16 << 10, 256 << 10])
        {
            EntryBatches(mebibytes << 20);
        }

        Console.WriteLine();
        Console.WriteLine("| checked store | FastRmp | array look-up in C | to it | aim | C, the same levels and stamps | no check |");
        Console.WriteLine("|---|---:|---:|---:|---|---:|---:|");
        CheckedStores("all found", 1024);
        CheckedStores("a third or more found in its two levels", 64);
        CheckedStores("hardly any found", 16);
        return 0;
    }

    private static void Scans(ulong bytes)
    {
        int entries = (int)(bytes / RmpEntry.SizeInBytes);
        ulong withBookkeeping = bytes + ContiguousGeometry.BookkeepingBytes;
        using PinnedMemory small = PinnedMemory.Allocate(withBookkeeping, LargePages.Refuse);
        using PinnedMemory large = PinnedMemory.Allocate(withBookkeeping);
        PinnedMemory[] blocks = [small, large];
        RmpCensus census = new();
        List<(string Name, int Block, Action Work)> work = [];
        for (int block = 0; block < blocks.Length; block++)
        {
            PinnedMemory memory = blocks[block];
            for (int loop = 0; loop < ReadLoops; loop++)
            {
                ulong which = (ulong)loop;
                work.Add((ReadNames[loop], block, () => _sink += NativeBaselines.ReadStreams(Words(memory), bytes / 8, which)));
            }

            work.Add(("any assigned", block, () => _sink += AssignedScan.Any(Entries(memory, entries)) ? 1UL : 0));
            work.Add(("count assigned", block, () => _sink += (ulong)AssignedScan.Count(Entries(memory, entries))));
            work.Add(("RMPOPT, verify", block, Verification(memory, entries)));
            work.Add(("census, free memory", block, () => census.Add(default, Entries(memory, entries))));
        }

        double[] times = Medians([.. work.Select(static one => one.Work)], RoundsFor(bytes));
        Print(work, times, blocks, bytes);
        foreach (PinnedMemory memory in blocks)
        {
            MixedTable.Fill(new Span<RmpEntry>(memory.Pointer, entries), seed: 43);
        }

        for (int i = 0; i < work.Count; i++)
        {
            if (work[i].Name == "census, free memory") work[i] = work[i] with { Name = "census, a busy host" };
        }

        work.RemoveAll(static one => !IsRead(one.Name) && !one.Name.StartsWith("census", StringComparison.Ordinal));
        Print(work, Medians([.. work.Select(static one => one.Work)], RoundsFor(bytes)), blocks, bytes);
    }

    private static void Print(List<(string Name, int Block, Action Work)> work, double[] times, PinnedMemory[] blocks, ulong bytes)
    {
        int best = Enumerable.Range(0, work.Count).Where(i => IsRead(work[i].Name)).MinBy(i => times[i]);
        for (int i = 0; i < work.Count; i++)
        {
            if (IsRead(work[i].Name)) continue;
            double ratio = times[best] / times[i];
            bool isLarge = blocks[work[i].Block].Backing.LargePageBytes >= bytes;
            string aim = isLarge == (work[i].Block == 1) ? Aim(ratio >= LeastOfRead, LeastOfRead) : "no such pages";
            string read = string.Create(
                CultureInfo.InvariantCulture, $"{Rate(bytes, times[best])}, {work[best].Name}, {(work[best].Block == 1 ? "2M" : "4K")}");
            string pages = isLarge ? "2M" : "4K";
            Line($"| {work[i].Name} | {bytes >> 20} MiB | {pages} | {Rate(bytes, times[i])} | {read} | {ratio:F2} | {aim} |");
        }
    }

    /// <summary>RMPOPT of every GiB whose entries the block holds, each time anew.</summary>
    private static Action Verification(PinnedMemory memory, int entries)
    {
        int regions = entries / EntriesOfGibibyte;
        ContiguousGeometry geometry = ContiguousGeometry.Covering(default, (ulong)regions << PageSize.Size1G.Shift());
#pragma warning disable CA2000 // it owns nothing: the storage is the caller's
        ReverseMapTable<ContiguousGeometry> table = new(
            geometry, memory, ProcessorModel.Venice, ModelChoices.Default with { RmpOptOnContiguous = true });
#pragma warning restore CA2000
        RmpOptCore core = RmpOptCore.EnabledAt(default);
        return () =>
        {
            for (int i = 0; i < regions; i++)
            {
                PhysicalAddress region = PhysicalAddress.Create((ulong)i << PageSize.Size1G.Shift());
                table.Protocol.Optimizations!.Clear(region); // as an RMPUPDATE that assigns does
                _sink += table.RmpOpt(ExecutionState.Host, core, region, RmpOptFunction.VerifyAndReport).CarryFlag ? 1UL : 0;
            }
        };
    }

    /// <summary>A million random pages of 16 GiB and of 256 GiB: 64 MiB and 1 GiB of entries.</summary>
    private static void RandomChecks()
    {
        const int Pages = 1 << 20;
        foreach (ulong gibibytes in (ulong[])[16, 256])
        {
            ulong covered = gibibytes << 30;
            ContiguousGeometry geometry = ContiguousGeometry.Covering(default, covered);
            using RandomAddresses pages = new(Pages, 0, (int)(covered >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 29);
            ulong* drawn = pages.Pointer;
            using PinnedMemory small = PinnedMemory.Allocate(Whole(geometry.StorageBytes), LargePages.Refuse);
            using PinnedMemory large = PinnedMemory.Allocate(Whole(geometry.StorageBytes));
            using ReverseMapTable<ContiguousGeometry> onSmall = new(geometry, small, ProcessorModel.Genoa, ModelChoices.Default);
            using ReverseMapTable<ContiguousGeometry> onLarge = new(geometry, large, ProcessorModel.Genoa, ModelChoices.Default);
            double[] times = Medians(
                [
                    () => Check(onSmall, drawn, Pages), () => Check(onLarge, drawn, Pages), () => CheckAll(onLarge, drawn, Pages, null),
                    () => StatesOf(onSmall, drawn, Pages), () => StatesOf(onLarge, drawn, Pages),
                    () => StatesOfAll(onLarge, drawn, Pages, null),
                ],
                rounds: 9);
            Gain($"host's write check, {gibibytes} GiB", times[0] / Pages, times[1] / Pages, large.Backing);
            Gain($"the same, on pages of 2 MiB in a batch, {gibibytes} GiB", times[0] / Pages, times[2] / Pages, large.Backing);
            Gain($"state of a page, {gibibytes} GiB", times[3] / Pages, times[4] / Pages, large.Backing);
            Gain($"the same, on pages of 2 MiB in a batch, {gibibytes} GiB", times[3] / Pages, times[5] / Pages, large.Backing);
        }
    }

    private static void RandomWalks()
    {
        using BatchWorkload small = new();
        using BatchWorkload large = new(LargePages.Automatic);
        WalkResult[] results = new WalkResult[BatchSize];
        double[] times = Medians(
            [() => Walk(small), () => Walk(large), () => Batch(small, results, null), () => Batch(large, results, null)], rounds: 15);
        const double Walks = BatchWorkload.Walks;
        Gain("walk, 512 MiB of page tables", times[0] / Walks, times[1] / Walks, large.Backing);
        Gain("walk in a batch, 512 MiB of page tables", times[2] / Walks, times[3] / Walks, large.Backing);
    }

    /// <summary>Random pages of a direct map in 4 KiB leaves, small enough that its tables stay in a cache.</summary>
    private static void HotBatch(ulong mapped)
    {
        const int Walks = 65_536;
        using HostDirectMap map = new([new PhysicalRange(default, mapped)], new DirectMapOptions());
        if (map.SetMemory4K(default, mapped >> PageSize.Size4K.Shift()) != SplitStatus.Changed)
        {
            throw new InvalidOperationException("The map was not split.");
        }

        using RandomAddresses drawn = new(
            Walks, map.VirtualBase.Value, (int)(mapped >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 11);
        ulong* addresses = drawn.Pointer;
        PinnedMemoryView view = map.View();
        PagingState state = map.State;
        WalkResult[] results = new WalkResult[BatchSize];
        Action[] work = [.. Ways.Select<bool?, Action>(way => () => Translate(view, state, addresses, Walks, results, way))];
        double[] times = Medians(work, rounds: 60);
        Ratio($"{mapped >> 20} MiB mapped, {mapped >> 19} KiB of page tables", times, Walks);
    }

    private static void ColdBatch(LargePages pages)
    {
        using BatchWorkload work = new(pages);
        WalkResult[] results = new WalkResult[BatchSize];
        double[] times = Medians([.. Ways.Select<bool?, Action>(way => () => Batch(work, results, way))], rounds: 15);
        bool isLarge = work.Backing.LargePageBytes != 0;
        Ratio($"512 MiB of page tables on pages of {(isLarge ? "2 MiB" : "4 KiB")}", times, BatchWorkload.Walks);
    }

    private static void NestedBatch(int tables)
    {
        using NestedBatchWorkload work = new(tables);
        NestedWalkResult[] results = new NestedWalkResult[BatchSize];
        double[] times = Medians([.. Ways.Select<bool?, Action>(way => () => Batch(work, results, way))], rounds: 15);
        Ratio($"nested: {Pages(work.TableBytes)} of tables of both kinds", times, NestedBatchWorkload.Walks);
    }

    private static void DeviceBatch(int tables)
    {
        using IommuBatchWorkload work = new(tables);
        IommuWalkResult[] results = new IommuWalkResult[BatchSize];
        double[] times = Medians([.. Ways.Select<bool?, Action>(way => () => Batch(work, results, way))], rounds: 15);
        Ratio($"a device's: {Pages(work.TableBytes)} of v1 tables", times, IommuBatchWorkload.Walks);
    }

    private static string Pages(ulong bytes) => bytes < 1 << 20 ? $"{bytes >> 10} KiB" : $"{bytes >> 20} MiB";

    /// <summary>Stores through a translation cache; an array look-up is the least that one could do, and does not find what is not
    /// there.</summary>
    private static void CheckedStores(string title, int entries)
    {
        const int Calls = 16;
        CheckedStore work = new() { Entries = entries };
        work.Setup();
        bool areFound = entries >= CheckedStore.Pages;
        Action Repeated(Func<ulong> stores) => () =>
        {
            for (int i = 0; i < Calls; i++)
            {
                _sink += stores();
            }
        };
        double[] times = Medians(
            [Repeated(work.FastRmp), Repeated(work.CArray), Repeated(work.C), Repeated(work.Unchecked)], rounds: 201);
        work.Cleanup();
        const double Stores = Calls * CheckedStore.Stores;
        double[] store = [.. times.Select(static time => time / Stores)];
        double ratio = times[0] / times[1];
        string array = areFound ? string.Create(CultureInfo.InvariantCulture, $"{store[1]:F2} ns | {ratio:F2}") : "- | -";
        string aim = string.Create(
            CultureInfo.InvariantCulture,
            $"{Aim(ratio <= MostOfArray, MostOfArray)}; {MostOfStore} ns{(store[0] <= MostOfStore ? "" : " missed")}");
        Line($"| {title} | {store[0]:F2} ns | {array} | {(areFound ? aim : "")} | {store[2]:F2} ns | {store[3]:F2} ns |");
    }

    private static bool?[] Ways => [null, false, true];

    private static void Check(ReverseMapTable<ContiguousGeometry> table, ulong* pages, int count)
    {
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += RmpCheck.Host(table, AccessKind.Write, PhysicalAddress.CreateUnchecked(pages[i]), PageSize.Size4K).Value;
        }

        _sink += sum;
    }

    private static void StatesOf(ReverseMapTable<ContiguousGeometry> table, ulong* pages, int count)
    {
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += (ulong)table.StateOf(PhysicalAddress.CreateUnchecked(pages[i]));
        }

        _sink += sum;
    }

    /// <summary>Random pages of a busy host: entries in the cache, and from memory.</summary>
    private static void EntryBatches(ulong covered)
    {
        const int Pages = 1 << 18;
        ContiguousGeometry geometry = ContiguousGeometry.Covering(default, covered);
        using RandomAddresses pages = new(
            covered < 1UL << 30 ? 1024 : Pages, 0, (int)(covered >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 31);
        ulong* drawn = pages.Pointer;
        int count = covered < 1UL << 30 ? 1024 : Pages;
        using PinnedMemory memory = PinnedMemory.Allocate(Whole(geometry.StorageBytes));
        using ReverseMapTable<ContiguousGeometry> table = new(geometry, memory, ProcessorModel.Genoa, ModelChoices.Default);
        _ = geometry.TryGetIndex(default, out nuint first);
        MixedTable.Fill(new Span<RmpEntry>((RmpEntry*)memory.Pointer + first, (int)geometry.CoveredPages), seed: 37);
        int calls = Pages / count;
        Action Repeated(Action batch) => () =>
        {
            for (int i = 0; i < calls; i++)
            {
                batch();
            }
        };
        string where = $"{(covered >> 30 == 0 ? $"{covered >> 20} MiB" : $"{covered >> 30} GiB")}, a busy host";
        Ratio(
            $"host's write checks, {where}",
            Medians([.. Ways.Select(way => Repeated(() => CheckAll(table, drawn, count, way)))], rounds: 31), Pages);
        Ratio(
            $"states of pages, {where}",
            Medians([.. Ways.Select(way => Repeated(() => StatesOfAll(table, drawn, count, way)))], rounds: 31), Pages);
    }

    private static void CheckAll(ReverseMapTable<ContiguousGeometry> table, ulong* pages, int count, bool? isOneByOne)
    {
        if (isOneByOne is not null) BatchPace.OfEntries.Fix(isOneByOne);
        Span<PageFaultErrorCode> faults = stackalloc PageFaultErrorCode[BatchSize];
        for (int i = 0; i < count; i += BatchSize)
        {
            ReadOnlySpan<PhysicalAddress> some = new(pages + i, BatchSize);
            RmpCheck.Host(table, AccessKind.Write, some, PageSize.Size4K, isUser: false, faults);
            _sink += faults[i & (BatchSize - 1)].Value;
        }

        if (isOneByOne is not null) BatchPace.OfEntries.Fix(null);
    }

    private static void StatesOfAll(ReverseMapTable<ContiguousGeometry> table, ulong* pages, int count, bool? isOneByOne)
    {
        if (isOneByOne is not null) BatchPace.OfEntries.Fix(isOneByOne);
        Span<PageState> states = stackalloc PageState[BatchSize];
        for (int i = 0; i < count; i += BatchSize)
        {
            ReadOnlySpan<PhysicalAddress> some = new(pages + i, BatchSize);
            table.StatesOf(some, states);
            _sink += (ulong)states[i & (BatchSize - 1)];
        }

        if (isOneByOne is not null) BatchPace.OfEntries.Fix(null);
    }

    private static void Walk(BatchWorkload work)
    {
        PinnedMemoryView memory = work.View();
        PagingState state = work.State;
        ulong* addresses = work.Next();
        ulong sum = 0;
        for (int i = 0; i < BatchWorkload.Walks; i++)
        {
            sum += PageWalker.Translate(ref memory, state, new VirtualAddress(addresses[i]), MemoryAccess.KernelRead).Address.Value;
        }

        _sink += sum;
    }

    private static void Batch(BatchWorkload work, WalkResult[] results, bool? isOneByOne) =>
        Translate(work.View(), work.State, work.Next(), BatchWorkload.Walks, results, isOneByOne);

    private static void Batch(NestedBatchWorkload work, NestedWalkResult[] results, bool? isOneByOne)
    {
        PinnedMemoryView memory = work.View();
        NestedPagingState state = work.State;
        ReadOnlySpan<VirtualAddress> addresses = new(work.Next(), NestedBatchWorkload.Walks);
        BatchPace.OfNestedWalks.Fix(isOneByOne);
        for (int i = 0; i < addresses.Length; i += BatchSize)
        {
            NestedWalker.Translate(ref memory, state, addresses.Slice(i, BatchSize), MemoryAccess.KernelWrite, results);
            _sink += results[i & (BatchSize - 1)].Address.Value;
        }

        BatchPace.OfNestedWalks.Fix(null);
    }

    private static void Batch(IommuBatchWorkload work, IommuWalkResult[] results, bool? isOneByOne)
    {
        PinnedMemoryView memory = work.View();
        IommuState iommu = work.Iommu;
        ReadOnlySpan<DeviceAddress> addresses = new(work.Next(), IommuBatchWorkload.Walks);
        BatchPace.OfDeviceWalks.Fix(isOneByOne);
        for (int i = 0; i < addresses.Length; i += BatchSize)
        {
            IommuWalker.Translate(
                ref memory, iommu, IommuBatchWorkload.Device, addresses.Slice(i, BatchSize), isWrite: true, results);
            _sink += results[i & (BatchSize - 1)].Address.Value;
        }

        BatchPace.OfDeviceWalks.Fix(null);
    }

    private static void Translate(
        PinnedMemoryView memory, in PagingState state, ulong* addresses, int count, WalkResult[] results, bool? isOneByOne)
    {
        BatchPace.OfWalks.Fix(isOneByOne);
        for (int i = 0; i < count; i += BatchSize)
        {
            ReadOnlySpan<VirtualAddress> some = new(addresses + i, BatchSize);
            PageWalker.Translate(ref memory, state, some, MemoryAccess.KernelRead, results);
            _sink += results[i & (BatchSize - 1)].Address.Value;
        }

        BatchPace.OfWalks.Fix(null);
    }

    private static void Gain(string title, double small, double large, MemoryBacking backing)
    {
        string aim = backing.LargePageBytes == 0 ? "no such pages" : Aim(small / large >= LeastGain, LeastGain);
        Line($"| {title} | {small:F1} ns | {large:F1} ns | {small / large:F2} | {aim} |");
    }

    private static void Ratio(string title, double[] times, int walks)
    {
        double ratio = times[0] / Math.Min(times[1], times[2]);
        string aim = Aim(ratio <= MostOfOneByOne, MostOfOneByOne);
        Line($"| {title} | {times[0] / walks:F1} ns | {times[1] / walks:F1} ns | {times[2] / walks:F1} ns | {ratio:F2} | {aim} |");
    }

    private static string Aim(bool isMet, double aim) => aim.ToString("F2", CultureInfo.InvariantCulture) + (isMet ? "" : " missed");

    private static string Rate(ulong bytes, double nanoseconds) =>
        (bytes / nanoseconds).ToString("F1", CultureInfo.InvariantCulture) + " GB/s";

    /// <summary>Nanoseconds of each, the median of rounds in which all take their turn.</summary>
    private static double[] Medians(Action[] work, int rounds)
    {
        double[][] times = [.. work.Select(_ => new double[rounds])];
        for (int warmUp = 0; warmUp < 3; warmUp++)
        {
            foreach (Action one in work)
            {
                one();
            }
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < work.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                work[i]();
                times[i][round] = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
            }
        }

        return [.. times.Select(static one => one.Order().ElementAt(one.Length / 2))];
    }

    private static int RoundsFor(ulong bytes) => (int)Math.Clamp((3UL << 30) / bytes, 7, 201);

    private static bool IsRead(string name) => ReadNames.Contains(name);

    private static ulong* Words(PinnedMemory memory) => (ulong*)memory.Pointer;

    private static ReadOnlySpan<RmpEntry> Entries(PinnedMemory memory, int entries) => new(memory.Pointer, entries);

    private static ulong Whole(ulong bytes) => (bytes + PageSize.Size4K.OffsetMask()) & ~PageSize.Size4K.OffsetMask();

    private static void Line(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
