using System.Diagnostics;
using System.Globalization;
using FastRmp.Cli.Map;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.DirectMap;

/// <summary><c>fastrmp directmap</c>: opens the image, finds the map, counts, prints.</summary>
internal static class DirectMapRunner
{
    internal static int Run(Session session, DirectMapRequest request)
    {
        using ElfCore core = CoreSource.Open(session, request.Image);
        session.Report(core.Problems);
        PagingState state = State(core, request, out int? cpu);
        Stopwatch watch = Stopwatch.StartNew();
        DirectMapLocation location = Find(session, core, state, request);
        session.Detail(string.Create(CultureInfo.InvariantCulture, $"finding the direct map took {watch.ElapsedMilliseconds} ms"));
        using RowWriter rows = new(session);
        DirectMapSink sink = request.Format switch
        {
            MapFormat.Tsv => new DirectMapTsv(rows),
            MapFormat.Json => new DirectMapJson(rows),
            _ => new DirectMapText(rows),
        };
        DirectMapReport report = Count(session, core, location, cpu);
        sink.Begin(report);
        if (sink.WantsRanges)
        {
            ListRanges(session, core, location, sink);
            ListSplits(session, core, location, sink, "split_1g", PageSize.Size1G);
        }

        ListSplits(session, core, location, sink, "split_2m", PageSize.Size2M);
        sink.End();
        if (report.AbsentTables != 0) session.Error(TableTrouble.Absent(core.Image.Name, report.AbsentTables, report.FirstAbsentEntry));
        return report.AbsentTables == 0 && !core.Problems.Any ? ExitCode.Done : ExitCode.BadInput;
    }

    private static PagingState State(ElfCore core, DirectMapRequest request, out int? cpu)
    {
        CpuState registers = CoreSource.Registers(core, request.Cpu, request.Cr3, out cpu);
        PagingMode mode = request.IsFiveLevel || registers.Cr4.La57 ? PagingMode.FiveLevel : PagingMode.FourLevel;
        MemoryEncryption? encryption = request.EncryptionBit is { } bit ? new MemoryEncryption(bit) : null;
        return new PagingState(registers.Cr3.Table, mode, ProcessorModel.Genoa, encryption: encryption);
    }

    private static DirectMapLocation Find(Session session, ElfCore core, in PagingState state, DirectMapRequest request)
    {
        if (DirectMapFinder.TryFind(core.Memory.View(), state, core.VmCoreInfo, out DirectMapLocation location, request.Base, session.Cancellation))
        {
            return location;
        }

        bool hasRoot = core.Memory.View().TryRead(state.Root, out _);
        string reason = !hasRoot ? "there is no direct map to be found: the image does not hold the root"
            : request.Base is { } given ? string.Create(CultureInfo.InvariantCulture, $"no page is mapped where a direct map at 0x{given.Value:x} has it")
            : "there is no direct map: no page of the kernel's half lies a whole multiple of 1 GiB above its frame";
        throw new MalformedInputException(InputProblem.InFile(
            core.Image.Name, string.Create(CultureInfo.InvariantCulture, $"{reason} (root 0x{state.Root.Value:x}, {(int)state.TopLevel} levels)")));
    }

    private static DirectMapReport Count(Session session, ElfCore core, in DirectMapLocation location, int? cpu)
    {
        long[] reasons = new long[SplitReasonsExtensions.Count];
        DirectMapCensus<SparseMemoryView> census = new(core.Memory.View(), location, session.Cancellation);
        while (census.MoveNext())
        {
            DirectMapSplit split = census.Current;
            for (int index = 0; split.Size == PageSize.Size2M && index < reasons.Length; index++)
            {
                if (split.Reasons.Has(index)) reasons[index]++;
            }
        }

        return new DirectMapReport(core.Image.Name, cpu, location, census.Totals, reasons, census.AbsentTables, census.FirstAbsentEntry);
    }

    private static void ListRanges(Session session, ElfCore core, in DirectMapLocation location, DirectMapSink sink)
    {
        sink.BeginList("ranges");
        DirectMapRangeEnumerator<SparseMemoryView> ranges = new(core.Memory.View(), location, session.Cancellation);
        while (ranges.MoveNext())
        {
            sink.Add(ranges.Current);
        }

        sink.EndList();
    }

    private static void ListSplits(Session session, ElfCore core, in DirectMapLocation location, DirectMapSink sink, string name, PageSize size)
    {
        sink.BeginList(name);
        DirectMapCensus<SparseMemoryView> census = new(core.Memory.View(), location, session.Cancellation);
        while (census.MoveNext())
        {
            if (census.Current.Size == size) sink.Add(census.Current);
        }

        sink.EndList();
    }
}
