using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using FastRmp.Cli.CrossCheck;
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
        using MemoryImage image = ImageSource.Open(session, request.Image);
        session.Report(image.Problems);
        PagingOptions options = new()
        {
            Root = ImageSource.Root(request.Cr3),
            FiveLevels = request.IsFiveLevel,
            Encryption = ImageSource.Encryption(request.EncryptionBit),
        };
        ImageProcessor processor = ImageSource.Processor(image, request.Cpu, options);
        PagingState state = processor.PagingState;
        Stopwatch watch = Stopwatch.StartNew();
        DirectMapLocation location = Find(session, image, state, request);
        session.Detail(string.Create(CultureInfo.InvariantCulture, $"finding the direct map took {watch.ElapsedMilliseconds} ms"));
        using RowWriter rows = new(session);
        DirectMapSink sink = request.Format switch
        {
            MapFormat.Tsv => new DirectMapTsv(rows),
            MapFormat.Json => new DirectMapJson(rows),
            _ => new DirectMapText(rows),
        };
        DirectMapReport report = Count(session, image, location, processor.Number);
        sink.Begin(report);
        if (sink.WantsRanges)
        {
            ListRanges(session, image, location, sink);
            ListSplits(session, image, location, sink, "split_1g", PageSize.Size1G);
        }

        ListSplits(session, image, location, sink, "split_2m", PageSize.Size2M);
        long absentRegions = 0;
        PhysicalAddress firstAbsent = default;
        if (request.Format != MapFormat.Tsv && Compare(session, image, location, request.Rmp) is { } compared)
        {
            sink.Add(compared);
            absentRegions = compared.Report.Totals.Absent;
            firstAbsent = compared.Report.FirstAbsentRegion;
        }

        sink.End();
        if (absentRegions != 0)
        {
            session.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"{image.Name}: the RMP's entries of {absentRegions} regions of 2M are not in the image; the first are those of 0x{firstAbsent.Value:x}"));
        }

        if (report.AbsentTables != 0) session.Error(TableProblems.Absent(image, report.AbsentTables, report.FirstAbsentEntry));
        return report.AbsentTables == 0 && absentRegions == 0 && !image.Problems.Any ? ExitCode.Done : ExitCode.BadInput;
    }

    private static DirectMapLocation Find(Session session, MemoryImage image, in PagingState state, DirectMapRequest request)
    {
        if (DirectMapFinder.TryFind(
            image.Memory.View(), state, image.FindVmCoreInfo(session.Cancellation), out DirectMapLocation location, request.Base,
            session.Cancellation))
        {
            return location;
        }

        bool hasRoot = image.Memory.View().TryRead(state.Root, out _);
        string reason = !hasRoot ? "there is no direct map to be found: the image does not hold the root"
            : request.Base is { } given
                ? string.Create(CultureInfo.InvariantCulture, $"no page is mapped where a direct map at 0x{given.Value:x} has it")
            : "there is no direct map: no page of the kernel's half lies a whole multiple of 1 GiB above its frame";
        throw new MalformedInputException(InputProblem.InFile(
            image.Name,
            string.Create(CultureInfo.InvariantCulture, $"{reason} (root 0x{state.Root.Value:x}, {(int)state.TopLevel} levels)")));
    }

    /// <summary>Compares the map with the RMP; where none is named, with the one that the image names and holds, if it does.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The table does not outlive the image.")]
    private static RmpComparison? Compare(Session session, MemoryImage image, in DirectMapLocation location, RmpRequest? asked)
    {
        RmpLocation rmp;
        if (asked is not null)
        {
            rmp = RmpPlaces.Locate(session, image, asked);
            RmpDoubts.Tell(session, image, rmp);
            if (!RmpPlaces.HasEntries(image, rmp.Geometry)) throw RmpPlaces.NoEntries(image, rmp.Geometry);
        }
        else if (!RmpPlaces.TryLocate(session, image, RmpRequest.Automatic, out rmp, out _) || !RmpPlaces.HasEntries(image, rmp.Geometry))
        {
            return null;
        }
        else
        {
            RmpDoubts.Tell(session, image, rmp);
        }

        RmpPlaces.TellFormat(session, image, rmp.Geometry);
        RmpImage table = RmpImage.In(image, rmp.Geometry);
        return new RmpComparison(rmp, CrossChecker.Run(session, image, location, table, isAll: false));
    }

    private static DirectMapReport Count(Session session, MemoryImage image, in DirectMapLocation location, int? cpu)
    {
        long[] reasons = new long[SplitReasonsExtensions.Count];
        DirectMapCensus<ImageMemoryView> census = new(image.Memory.View(), location, session.Cancellation);
        while (census.MoveNext())
        {
            DirectMapSplit split = census.Current;
            for (int index = 0; split.Size == PageSize.Size2M && index < reasons.Length; index++)
            {
                if (split.Reasons.Has(index)) reasons[index]++;
            }
        }

        return new DirectMapReport(image.Name, cpu, location, census.Totals, reasons, census.AbsentTables, census.FirstAbsentEntry);
    }

    private static void ListRanges(Session session, MemoryImage image, in DirectMapLocation location, DirectMapSink sink)
    {
        sink.BeginList("ranges");
        DirectMapRangeEnumerator<ImageMemoryView> ranges = new(image.Memory.View(), location, session.Cancellation);
        while (ranges.MoveNext())
        {
            sink.Add(ranges.Current);
        }

        sink.EndList();
    }

    private static void ListSplits(
        Session session, MemoryImage image, in DirectMapLocation location, DirectMapSink sink, string name, PageSize size)
    {
        sink.BeginList(name);
        DirectMapCensus<ImageMemoryView> census = new(image.Memory.View(), location, session.Cancellation);
        while (census.MoveNext())
        {
            if (census.Current.Size == size) sink.Add(census.Current);
        }

        sink.EndList();
    }
}
