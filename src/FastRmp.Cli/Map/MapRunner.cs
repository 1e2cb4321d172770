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
        using MemoryImage image = ImageSource.Open(session, request.Image);
        session.Report(image.Problems);
        // The listing judges neither rights nor reserved bits, so that root and levels are all that matters.
        PagingOptions options = new() { Root = ImageSource.Root(request.Cr3), FiveLevels = request.IsFiveLevel };
        ImageProcessor processor = ImageSource.Processor(image, request.Cpu, options);
        PagingState state = processor.PagingState;
        using RowWriter rows = new(session);
        MapSink sink = request.IsRanges ? new RangeSink(rows, request.Format) : new LeafSink(rows, request.Format);
        sink.Begin(new MapHeader(image.Name, processor.Number, state.Root.Value, (int)state.TopLevel));
        bool isComplete = List(session, image, request, state, sink);
        sink.End();
        return isComplete && !image.Problems.Any ? ExitCode.Done : ExitCode.BadInput;
    }

    private static bool List(Session session, MemoryImage image, MapRequest request, in PagingState state, MapSink sink)
    {
        if (!AddressWindow.TryClip(state.Mode, request.Start, request.Last, out VirtualAddress first, out VirtualAddress last)) return true;
        if (!ExcludedTables.AreIn(image)) return List(session, image, image.Memory.View(), state, first, last, sink);
        ExcludedTables excluded = new();
        bool isComplete = List(session, image, new ExcludedAsZero(image.Memory, excluded), state, first, last, sink);
        excluded.Tell(session, image.Name);
        return isComplete;
    }

    private static bool List<TMemory>(
        Session session, MemoryImage image, TMemory memory, in PagingState state, VirtualAddress first, VirtualAddress last, MapSink sink)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        MappingEnumerator<TMemory> mappings = new(memory, state, first, last);
        for (uint count = 1; mappings.MoveNext(); count++)
        {
            // Tables that point at themselves can merge billions of pages into one range: nothing is written for minutes.
            if (count % InterruptEvery == 0) session.Cancellation.ThrowIfCancellationRequested();
            sink.Add(mappings.Current);
        }

        if (mappings.AbsentTables != 0) session.Error(TableProblems.Absent(image, mappings.AbsentTables, mappings.FirstAbsentEntry));
        if (mappings.IsCutShort)
        {
            session.Error(TableProblems.CutShort(image.Name, MappingEnumerator<TMemory>.MaxTablesWithoutLeaf, mappings.CutShortAt));
        }

        return mappings.AbsentTables == 0 && !mappings.IsCutShort;
    }
}
