using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Paging;

namespace FastRmp.Cli.Map;

/// <summary><c>fastrmp map</c>: opens the image, follows the tables, prints.</summary>
internal static class MapRunner
{
    private const uint InterruptEvery = 1 << 16;

    internal static int Run(Session session, MapRequest request)
    {
        using ElfCore core = CoreSource.Open(session, request.Image);
        session.Report(core.Problems);
        PagingState state = State(core, request, out int? cpu);
        using RowWriter rows = new(session);
        MapSink sink = request.IsRanges ? new RangeSink(rows, request.Format) : new LeafSink(rows, request.Format);
        sink.Begin(new MapHeader(core.Image.Name, cpu, state.Root.Value, (int)state.TopLevel));
        bool isComplete = List(session, core, request, state, sink);
        sink.End();
        return isComplete && !core.Problems.Any ? ExitCode.Done : ExitCode.BadInput;
    }

    private static bool List(Session session, ElfCore core, MapRequest request, in PagingState state, MapSink sink)
    {
        if (!AddressWindow.TryClip(state.Mode, request.Start, request.Last, out VirtualAddress first, out VirtualAddress last)) return true;
        MappingEnumerator<SparseMemoryView> mappings = new(core.Memory.View(), state, first, last);
        for (uint count = 1; mappings.MoveNext(); count++)
        {
            // Tables that point at themselves can merge billions of pages into one range: nothing is written for minutes.
            if (count % InterruptEvery == 0) session.Cancellation.ThrowIfCancellationRequested();
            sink.Add(mappings.Current);
        }

        if (mappings.AbsentTables != 0) session.Error(TableTrouble.Absent(core.Image.Name, mappings.AbsentTables, mappings.FirstAbsentEntry));
        if (mappings.IsCutShort) session.Error(TableTrouble.CutShort(core.Image.Name, MappingEnumerator<SparseMemoryView>.MaxBarrenTables, mappings.CutShortAt));
        return mappings.AbsentTables == 0 && !mappings.IsCutShort;
    }

    private static PagingState State(ElfCore core, MapRequest request, out int? cpu)
    {
        CpuState registers = CoreSource.Registers(core, request.Cpu, request.Cr3, out cpu);
        return Walked(registers.Cr3, registers.Cr4, request);
    }

    // The listing judges neither rights nor reserved bits, so that root and levels are all that matters.
    private static PagingState Walked(Cr3 cr3, Cr4 cr4, MapRequest request) =>
        new(cr3.Table, request.IsFiveLevel || cr4.La57 ? PagingMode.FiveLevel : PagingMode.FourLevel, ProcessorModel.Genoa);
}
