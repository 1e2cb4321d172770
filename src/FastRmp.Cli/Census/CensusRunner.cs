using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Census;

/// <summary><c>fastrmp rmp</c>: opens the image, counts, prints.</summary>
internal static class CensusRunner
{
    internal static int Run(Session session, CensusRequest request)
    {
        using RmpImage image = Open(session, request);
        Stopwatch watch = Stopwatch.StartNew();
        CensusResult result =
            ProgressBar.Run(session, "counting", (long)request.Geometry.CoveredPages, progress => Count(session, request, image, progress));
        session.Detail($"{result.Census.Pages} entries took {watch.ElapsedMilliseconds} ms");
        if (request.IsTsv) CensusTable.WriteTsv(session.Output, request, result);
        else CensusTable.WriteText(session.Output, request, result);
        session.Report(image.Problems);
        if (result.AbsentPages != 0)
        {
            session.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"{image.Name}: the entries of {result.AbsentPages} pages are not in the image; the first is that of page 0x{result.FirstAbsentPage.Value:x}"));
        }

        if (result.AbsentPages != 0 || image.Problems.Any) return ExitCode.BadInput;
        return result.Census.IsConsistent ? ExitCode.Done : ExitCode.Found;
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The table owns the image.")]
    private static RmpImage Open(Session session, CensusRequest request)
    {
        MemoryImageOptions options = request.Image.Options();
        string[] names = request.Image.Names;
        if (names.Length > 1) return RmpImage.In(MemoryImage.Open(names, options), request.Geometry);
        if (names[0] != ImageSource.StandardInput) return RmpImage.Open(names[0], request.Geometry, options);
        using Stream input = session.OpenInput();
        ImageFile file = ImageFile.Read(input, ImageSource.StandardInput);
        return options.Ram is null ? RmpImage.Read(file, request.Geometry) : RmpImage.In(MemoryImage.Read(file, options), request.Geometry);
    }

    private static CensusResult Count(Session session, CensusRequest request, RmpImage image, Action<long>? progress)
    {
        RmpCensus census = new();
        ulong scanned = 0;
        RmpEntryReader reader = image.Entries();
        while (reader.TryRead(out PhysicalAddress start, out ReadOnlySpan<RmpEntry> entries))
        {
            session.Cancellation.ThrowIfCancellationRequested();
            census.Add(start, entries);
            if (request.Scans) scanned += (ulong)AssignedScan.Count(entries);
            progress?.Invoke((long)(census.Pages + reader.AbsentPages));
        }

        // Counters can only be compared with all pages.
        ulong[] counters = new ulong[ContiguousGeometry.AsidCounters];
        bool hasCounters = image.TryReadCounters(counters);
        if (hasCounters && reader.AbsentPages == 0) census.CompareCounters(counters);
        return new CensusResult(census, scanned, hasCounters ? counters : null, reader.AbsentPages, reader.FirstAbsentPage);
    }
}
