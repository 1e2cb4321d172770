using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using FastRmp.Benchmarks.Commands;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Growing;
using FastRmp.Benchmarks.Native;
using FastRmp.DirectMap;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>growth</c>: how the time of what reads or makes something large grows over three decades of its size.</summary>
/// <remarks>Of rounds the fastest counts.</remarks>
internal static unsafe class GrowthCommand
{
    private const int LeastRounds = 5;
    private const int MostRounds = 201;
    private const double RoundNanoseconds = 50_000;
    private const double Seconds = 0.5; // of rounds, if there is time for the fewest in it

    private static ulong _sink; // what is computed has to be used

    /// <summary>Measures and prints.</summary>
    /// <param name="arguments">The options.</param>
    /// <returns>0 if all grow linearly at most, else 1.</returns>
    /// <exception cref="FormatException">An option is wrong.</exception>
    internal static int Run(string[] arguments)
    {
        Options options = Options.Parse(arguments, ["--quick"], []);
        int divisor = options.Has("--quick") ? 20 : 1;
        List<GrowthRow> rows = [];
        rows.AddRange(Tables(new GrowthSizes((128 / divisor) << 13))); // whole regions
        rows.Add(Opened(new GrowthSizes(64L << 30)));
        rows.Add(DumpOpened(new GrowthSizes((1L << 30) / divisor)));
        rows.AddRange(Replayed(new GrowthSizes(2000 / divisor)));
        rows.AddRange(Mapped(new GrowthSizes((8 / Math.Min(divisor, 8)) << 9))); // whole regions
        Console.WriteLine($"{Gating.Machine.Current.Cpu}; C by {NativeBaselines.Compiler} with `-O3 -march=native`.");
        Console.WriteLine();
        Console.Write(GrowthTable.Markdown(rows));
        return rows.TrueForAll(static row => row.IsLinear) ? 0 : 1;
    }

    /// <summary>Scans and censuses of entries.</summary>
    private static List<GrowthRow> Tables(GrowthSizes bytes)
    {
        using PinnedMemory memory = PinnedMemory.Allocate(((ulong)bytes.All[^1] + 0xFFFUL) & ~0xFFFUL);
        memory.Span(0, (int)memory.Length).Clear(); // every page is there
        RmpCensus census = new();
        List<double> read = [.. bytes.All.Select(size => Time(() => _sink += NativeBaselines.MemoryRead(Words(memory), (ulong)size / 8)))];
        GrowthRow Row(string title, Action<int> work) => new(
            title, bytes.Bytes, GrowthSizes.Factor,
            [.. bytes.All.Select(size => Time(() => work((int)(size / RmpEntry.SizeInBytes))))], read);
        GrowthRow scan = Row("assigned entries counted", entries => _sink += (ulong)AssignedScan.Count(Entries(memory, entries)));
        GrowthRow free = Row("census, free memory", entries => census.Add(default, Entries(memory, entries)));
        MixedTable.Fill(new Span<RmpEntry>(memory.Pointer, (int)(memory.Length / RmpEntry.SizeInBytes) / 512 * 512), seed: 43);
        GrowthRow busy = Row("census, a busy host", entries => census.Add(default, Entries(memory, entries)));
        return [scan, free, busy];
    }

    /// <summary>An empty RMP of a host with so much memory, and an update in it.</summary>
    private static GrowthRow Opened(GrowthSizes covered) => Row(
        "RMP opened, with an update, by memory", covered.Bytes, covered, size => new Work(() => OpenTable((ulong)size), Owned: null));

    private static void OpenTable(ulong covered)
    {
        using ReverseMapTable<ContiguousGeometry> table = new(ContiguousGeometry.Covering(default, covered), ProcessorModel.Genoa);
        PhysicalAddress last = PhysicalAddress.Create((covered - 1) & ~PageSize.Size4K.OffsetMask());
        _sink += (ulong)table.RmpUpdate(last, new RmpUpdateOperand { Assigned = true, Asid = 1 }).Status;
    }

    /// <summary>A kdump of so much memory.</summary>
    private static GrowthRow DumpOpened(GrowthSizes covered) => Row("kdump opened, by memory", covered.Bytes, covered, size =>
    {
        KdumpFile dump = new((ulong)size);
        return new Work(() => MemoryImage.Open(dump.Path).Dispose(), dump);
    });

    /// <summary>A page allocator's trace of so many events.</summary>
    private static List<GrowthRow> Replayed(GrowthSizes events)
    {
        GrowthRow read = Row("trace read, events", events.Numbers, events, size =>
        {
            byte[] text = PageTraceText.Make(size);
            return new Work(() => _sink += (ulong)Read(text).EventCount, Owned: null);
        });
        GrowthRow replayed = Row("trace replayed, events", events.Numbers, events, size =>
        {
            ReplayPlan plan = ReplayPlan.Create(Read(PageTraceText.Make(size)));
            return new Work(() => _sink += (ulong)TraceReplay.Run<LevelAware>(plan).Peak4K, Owned: null);
        });
        return [read, replayed];
    }

    private static PageTrace Read(byte[] text)
    {
        using MemoryStream stream = new(text);
        return PageTrace.Read(stream, "trace");
    }

    /// <summary>A direct map of so many pages of 4 KiB.</summary>
    private static List<GrowthRow> Mapped(GrowthSizes pages)
    {
        GrowthRow split = Row(
            "direct map split, pages", pages.Numbers, pages, size => new Work(() => Split((ulong)size).Dispose(), Owned: null));
        GrowthRow listed = Row("direct map listed, pages", pages.Numbers, pages, size =>
        {
            HostDirectMap map = Split((ulong)size);
            return new Work(() => _sink += List(map, size), map);
        });
        return [split, listed];
    }

    private static HostDirectMap Split(ulong pages)
    {
        HostDirectMap map = new([new PhysicalRange(default, pages << PageSize.Size4K.Shift())], new DirectMapOptions());
        SplitStatus status = map.SetMemory4K(default, pages);
        if (status != SplitStatus.Changed) throw new InvalidOperationException($"A map of {pages} pages was not split: {status}.");
        return map;
    }

    private static ulong List(HostDirectMap map, long pages)
    {
        MappingEnumerator<PinnedMemoryView> mappings = new(map.View(), map.State);
        ulong sum = 0;
        long count = 0;
        while (mappings.MoveNext())
        {
            sum += mappings.Current.Address.Value;
            count++;
        }

        return count == pages ? sum : throw new InvalidOperationException($"{count} mappings of {pages} were listed.");
    }

    private static GrowthRow Row(string title, IReadOnlyList<string> names, GrowthSizes sizes, Func<long, Work> make)
    {
        List<double> times = [];
        foreach (long size in sizes.All)
        {
            using Work work = make(size);
            times.Add(Time(work.Run));
        }

        return new GrowthRow(title, names, GrowthSizes.Factor, times, []);
    }

    /// <summary>Nanoseconds, the fastest of rounds: other work of the machine only ever adds time.</summary>
    private static double Time(Action work)
    {
        work();
        int repeats = (int)Math.Max(1, RoundNanoseconds / Once(work, 1));
        double least = double.MaxValue;
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < LeastRounds || (i < MostRounds && Stopwatch.GetElapsedTime(begun).TotalSeconds < Seconds); i++)
        {
            least = Math.Min(least, Once(work, repeats));
        }

        return least;
    }

    private static double Once(Action work, int repeats)
    {
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            work();
        }

        // a clock of 100 ns: a round is much longer
        return Math.Max(1, Stopwatch.GetElapsedTime(started).TotalNanoseconds) / repeats;
    }

    private static ulong* Words(PinnedMemory memory) => (ulong*)memory.Pointer;

    private static ReadOnlySpan<RmpEntry> Entries(PinnedMemory memory, int entries) => new(memory.Pointer, entries);

    /// <summary>What is measured of one size.</summary>
    private sealed record Work(Action Run, IDisposable? Owned) : IDisposable
    {
        public void Dispose() => Owned?.Dispose();
    }
}
