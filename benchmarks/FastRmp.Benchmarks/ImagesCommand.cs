using System;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using FastRmp.Benchmarks.Data;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>images</c>: mappings and translations in a mapped core and in a kdump, and how long it takes to open both,
/// within bounds.</summary>
/// <remarks>Of many short rounds the fastest counts, and for opening the processor's time: other work of the machine only ever adds
/// time.</remarks>
internal static unsafe class ImagesCommand
{
    private const int Rounds = 50;
    private const double LeastSeconds = 0.6; // of rounds: long enough to be compiled for good meanwhile
    private const int Opens = 15;
    private const double LeastLeavesPerSecond = 30e6;
    private const double MostNanoseconds = 10;
    private const double MostOpenMilliseconds = 50;
    private const double MostPasses = 2; // over the bitmap: the pages of the file are mapped one by one as they are touched
    private const ulong DumpedBytes = 1UL << 40;

    private static bool _holds = true;

    /// <summary>Measures and prints.</summary>
    /// <returns>0 if all bounds hold, else 1.</returns>
    internal static int Run()
    {
        using (ImageWorkload core = new())
        {
            double leaf = Leaf(core);
            Print($"Mappings of 66 GiB, ELF core         {1e3 / leaf,8:F0} M/s{Bound(1e9 / leaf >= LeastLeavesPerSecond, "30 M/s")}");
            PrintWalks("ELF core", core, isBounded: true);
            double open = OpenMilliseconds(core.Path);
            Print($"ELF core of 65 GiB opened            {open,8:F2} ms{Bound(open < MostOpenMilliseconds, "50 ms")}");
        }

        using (ImageWorkload dump = new(isKdump: true))
        {
            PrintWalks("kdump", dump, isBounded: false);
            Print($"Page of a kdump decompressed, zlib   {Decompressed(dump),8:F0} ns");
        }

        using (KdumpFile dump = new(DumpedBytes))
        {
            double open = OpenMilliseconds(dump.Path);
            double pass = PassMilliseconds(dump);
            double bound = MostOpenMilliseconds + (MostPasses * pass);
            Print(
                $"kdump of 1 TiB opened                {open,8:F2} ms{Bound(open < bound, string.Create(CultureInfo.InvariantCulture, $"50 ms + {MostPasses} passes over its bitmap of {dump.BitmapBytes >> 20} MiB, each {pass:F2} ms"))}");
        }

        Console.WriteLine(_holds ? "All bounds hold." : "A bound is exceeded.");
        return _holds ? 0 : 1;
    }

    private static void PrintWalks(string name, ImageWorkload work, bool isBounded)
    {
        using RandomAddresses consecutive = ImageAddresses.Consecutive();
        using RandomAddresses random = ImageAddresses.Random();
        foreach ((string order, RandomAddresses addresses) in new[] { ("consecutive", consecutive), ("random", random) })
        {
            double walk = Fastest(ImageAddresses.Count, () => Walk(work, addresses));
            double processor = Fastest(ImageAddresses.Count, () => ByProcessor(work, addresses));
            string bound = isBounded ? Bound(walk <= MostNanoseconds, "10 ns") : string.Empty;
            Print(
                $"Page translated, {name}, {order,-11} {walk,8:F1} ns by PageWalker, {processor:F1} by ImageProcessor{bound}");
        }
    }

    private static ulong Walk(ImageWorkload work, RandomAddresses addresses)
    {
        ImageMemoryView memory = work.Image.Memory.View();
        PagingState state = work.State;
        ulong* pointer = addresses.Pointer;
        ulong sum = 0;
        for (int i = 0; i < ImageAddresses.Count; i++)
        {
            sum += PageWalker.Translate(ref memory, state, new VirtualAddress(pointer[i]), MemoryAccess.KernelRead).Address.Value;
        }

        return sum;
    }

    private static ulong ByProcessor(ImageWorkload work, RandomAddresses addresses)
    {
        ulong* pointer = addresses.Pointer;
        ulong sum = 0;
        for (int i = 0; i < ImageAddresses.Count; i++)
        {
            sum += work.Processor.Translate(new VirtualAddress(pointer[i]), MemoryAccess.KernelRead).Address.Value;
        }

        return sum;
    }

    /// <summary>Nanoseconds of the processor a mapping of the whole address space.</summary>
    private static double Leaf(ImageWorkload work)
    {
        double least = double.MaxValue;
        for (int i = 0; i < Opens; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            int leaves = Enumerate(work);
            least = Math.Min(least, (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / leaves);
            if (leaves != ImageWorkload.Leaves) throw new InvalidOperationException($"{leaves} mappings were found.");
        }

        return least;
    }

    private static int Enumerate(ImageWorkload work)
    {
        MappingEnumerator<ImageMemoryView> mappings = new(work.Image.Memory.View(), work.State);
        int leaves = 0;
        ulong sum = 0;
        while (mappings.MoveNext())
        {
            Mapping found = mappings.Current;
            sum += found.VirtualAddress.Value + found.Address.Value + found.Leaf.Value + (ulong)found.Size + (ulong)found.Rights;
            leaves++;
        }

        return sum == 0 ? 0 : leaves;
    }

    /// <summary>Nanoseconds a page that is not in the cache: it holds half of all tables.</summary>
    private static double Decompressed(ImageWorkload dump)
    {
        PhysicalAddress next = default;
        return Fastest(
            64,
            () =>
            {
                ulong sum = 0;
                for (int count = 0; count < 64; count++)
                {
                    if (!dump.Image.Memory.TryNextRange(next, out PhysicalRange range))
                    {
                        next = default;
                        continue;
                    }

                    ImageMemoryView view = dump.Image.Memory.View();
                    sum += view.TryRead(range.Start, out ulong value) ? value : 0;
                    next = range.Start + PageSize.Size4K.Bytes();
                }

                return sum;
            });
    }

    private static double OpenMilliseconds(string path)
    {
        double[] times = new double[Opens];
        for (int i = 0; i < Opens; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            using (MemoryImage image = MemoryImage.Open(path))
            {
                if (image.Memory.StatusOf(default) == ImagePageStatus.Damaged) throw new InvalidOperationException("The image is damaged.");
            }

            times[i] = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        }

        Array.Sort(times);
        return times[Opens / 2];
    }

    /// <summary>The file mapped anew, and one of its bitmaps read.</summary>
    private static double PassMilliseconds(KdumpFile dump)
    {
        double[] times = new double[Opens];
        ulong sum = 0;
        for (int i = 0; i < Opens; i++)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            using (PinnedMemory memory = PinnedMemory.OpenFile(dump.Path))
            {
                sum += Sum(MemoryMarshal.Cast<byte, ulong>(
                    memory.ReadOnlySpan(dump.BitmapAt + dump.BitmapBytes, (int)dump.BitmapBytes)));
            }

            times[i] = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
        }

        GC.KeepAlive(sum);
        Array.Sort(times);
        return times[Opens / 2];
    }

    private static ulong Sum(ReadOnlySpan<ulong> words)
    {
        ulong even = 0;
        ulong odd = 0;
        for (; words.Length >= 4; words = words[4..])
        {
            even += words[0] ^ words[2];
            odd += words[1] ^ words[3];
        }

        return even + odd;
    }

    private static double Fastest(int operations, Func<ulong> round)
    {
        double least = double.MaxValue;
        ulong sum = 0;
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < Rounds || Stopwatch.GetElapsedTime(begun).TotalSeconds < LeastSeconds; i++)
        {
            long started = Stopwatch.GetTimestamp();
            sum += round();
            least = Math.Min(least, Stopwatch.GetElapsedTime(started).TotalNanoseconds);
        }

        GC.KeepAlive(sum);
        return least / operations;
    }

    private static string Bound(bool holds, string text)
    {
        _holds &= holds;
        return $" (bound {text}{(holds ? string.Empty : ": EXCEEDED")})";
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
