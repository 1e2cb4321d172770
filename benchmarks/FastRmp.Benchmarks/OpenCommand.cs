using System;
using System.Diagnostics;
using System.Globalization;

namespace FastRmp.Benchmarks;

/// <summary>The command <c>open</c>: a host of 64 TiB with a segmented RMP, opened and used all over, within bounds of time and
/// memory.</summary>
internal static class OpenCommand
{
    private const int SegmentShift = 37;
    private const int Updates = 4096;
    private const uint Asid = 5;
    private const double MostSeconds = 1;
    private const long MostBytes = 100L << 20;

    /// <summary>Opens the table, makes updates spread over the whole memory and prints both figures with their bounds.</summary>
    /// <returns>0 if both bounds hold and every update took effect, else 1.</returns>
    internal static int Run()
    {
        long residentBefore = Resident();
        long started = Stopwatch.GetTimestamp();
        SegmentedGeometry geometry = Host();
        using ReverseMapTable<SegmentedGeometry> table = new(geometry, ProcessorModel.Turin);
        double open = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long residentOpen = Resident() - residentBefore;
        started = Stopwatch.GetTimestamp();
        ulong assigned = Update(table);
        double update = Stopwatch.GetElapsedTime(started).TotalSeconds;
        long resident = Resident() - residentBefore;
        bool complete = assigned != 0 && table.AssignedPages(Asid) == assigned;
        bool holds = complete && open < MostSeconds && resident < MostBytes;
        Print(
            $"Memory covered     {geometry.CoveredPages >> 28} TiB in {geometry.CoveredRanges} segments, RMP {geometry.StorageBytes >> 30} GiB");
        Print($"Time to open       {open * 1e3:F1} ms (bound {MostSeconds * 1e3:F0} ms)");
        Print(
            $"Updates            {Updates} in {update * 1e3:F1} ms, {assigned} pages of 4 KiB assigned{(complete ? "" : ": SOME FAILED")}");
        Print(
            $"Resident memory    +{Mebibytes(residentOpen):F1} MiB open, +{Mebibytes(resident):F1} MiB after the updates (bound {Mebibytes(MostBytes):F0} MiB)");
        Print($"{(holds ? "Both bounds hold." : "A bound is exceeded.")}");
        return holds ? 0 : 1;
    }

    /// <summary>512 segments of 128 GiB, all covered; the entries of each at its own end, as near as memory can be, the bookkeeping below
    /// those of the first.</summary>
    private static SegmentedGeometry Host()
    {
        const ulong SegmentBytes = 1UL << SegmentShift;
        const ulong EntryBytes = SegmentBytes / 256;
        RmpSegment[] segments = new RmpSegment[SegmentedGeometry.SegmentTableEntries];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = new RmpSegment(i, SegmentBytes >> 30, ((ulong)(i + 1) * SegmentBytes) - EntryBytes);
        }

        return new SegmentedGeometry(
            PhysicalAddress.Create(SegmentBytes - EntryBytes - 0x10_0000), SegmentShift, segments, ProcessorModel.Turin);
    }

    /// <summary>Assigns pages at equal distances, a large one after each three small ones.</summary>
    /// <returns>Pages of 4 KiB assigned; 0 if an update failed.</returns>
    private static ulong Update(ReverseMapTable<SegmentedGeometry> table)
    {
        ulong distance = (table.Geometry.CoveredPages << PageSize.Size4K.Shift()) / Updates;
        ulong assigned = 0;
        for (ulong i = 0; i < Updates; i++)
        {
            PageSize size = i % 4 == 3 ? PageSize.Size2M : PageSize.Size4K;
            PhysicalAddress page = PhysicalAddress.Create((i * distance) + (i * size.Bytes()));
            RmpUpdateOperand operand = new RmpUpdateOperand { Assigned = true, Asid = Asid, PageSize = size, Gpa = page.Value };
            if (table.RmpUpdate(ExecutionState.Host, page, operand).Status != RmpStatus.Success) return 0;
            if (table.Lookup(page) is not { IsAssigned: true } found || found.Size != size) return 0;
            assigned += size.Pages();
        }

        return assigned;
    }

    private static long Resident() => Environment.WorkingSet;

    private static double Mebibytes(long bytes) => bytes / (double)(1 << 20);

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
