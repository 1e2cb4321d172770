using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO;
using FastRmp.Cli.CrossCheck;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Census;

/// <summary><c>fastrmp rmp</c>: opens the image, counts, prints.</summary>
internal static class CensusRunner
{
    internal static int Run(Session session, CensusRequest request)
    {
        using RmpImage image = Open(session, request, out RmpLocation location);
        if (image.Doubt is { } doubt)
        {
            session.Remark(
                $"{image.Name}: is no memory image of a known format, and is taken for the RMP itself, its first byte for the one at 0x{image.Geometry.OwnRange(0).Start.Value:x}; but {doubt}: raw memory of the machine needs a layout (--ram)");
        }

        Stopwatch watch = Stopwatch.StartNew();
        CensusResult result = ProgressBar.Run(
            session, "counting", (long)image.Geometry.CoveredPages, progress => Count(session, request, image, location, progress));
        session.Detail($"{result.Census.Pages} entries took {watch.ElapsedMilliseconds} ms");
        session.Report(image.Problems);
        if (image.Image is { } machine && result.Census.Pages != 0)
        {
            result = result with { DirectMap = CrossChecker.Run(session, machine, image, request.ListsRegions) };
        }

        if (image.Image is { } searched) RmpDoubts.Tell(session, searched, location);

        // The rows have no place for where it is.
        if (request.IsTsv && image.Image is { } found) RmpPlaces.Tell(session, found, location);
        if (request.IsJson) CensusJson.Write(session.Output, image.Name, request, result);
        else if (request.IsTsv) CensusTable.WriteTsv(session.Output, request, result);
        else CensusTable.WriteText(session.Output, request, result);
        if (result.AbsentPages != 0)
        {
            session.Error(string.Create(
                CultureInfo.InvariantCulture,
                $"{image.Name}: the entries of {result.AbsentPages} pages are not in the image; the first is that of page 0x{result.FirstAbsentPage.Value:x}"));
        }

        if (result.AbsentPages != 0 || image.Problems.Any) return ExitCode.BadInput;
        return result.Census.IsConsistent && result.DirectMap is null or { FaultingCount: 0 } ? ExitCode.Done : ExitCode.Found;
    }

    /// <summary>Opens the image. Where the user says where the table is, it may be a raw file of the table.</summary>
    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The table owns the image.")]
    private static RmpImage Open(Session session, CensusRequest request, out RmpLocation location)
    {
        if (request.Rmp.Given is { } given)
        {
            location = new RmpLocation(new RmpGeometry(given), RmpSource.Given);
            return Open(session, request.Image, location.Geometry);
        }

        MemoryImage image = ImageSource.Open(session, request.Image);
        try
        {
            location = RmpPlaces.Locate(session, image, request.Rmp);
            if (!RmpPlaces.HasEntries(image, location.Geometry))
            {
                RmpPlaces.Tell(session, image, location);
                RmpDoubts.Tell(session, image, location);
                throw RmpPlaces.NoEntries(image, location.Geometry);
            }

            RmpPlaces.TellFormat(session, image, location.Geometry);
            return RmpImage.In(image, location.Geometry);
        }
        catch
        {
            image.Dispose();
            throw;
        }
    }

    [SuppressMessage("Reliability", "CA2000:Dispose objects before losing scope", Justification = "The table owns the image.")]
    private static RmpImage Open(Session session, ImageFiles files, RmpGeometry geometry)
    {
        MemoryImageOptions options = files.Options();
        string[] names = files.Names;
        if (names.Length > 1) return RmpImage.In(MemoryImage.Open(names, options), geometry);
        if (names[0] != ImageSource.StandardInput) return RmpImage.Open(names[0], geometry, options);
        using Stream input = session.OpenInput();
        if (options.Ram is not null) return RmpImage.In(MemoryImage.Read(input, ImageSource.StandardInput, options), geometry);
        ImageFile file = ImageFile.Read(input, ImageSource.StandardInput, options.MaxUnpackedBytes, RmpImage.Check(geometry));
        return RmpImage.Read(file, geometry);
    }

    private static CensusResult Count(
        Session session, CensusRequest request, RmpImage image, RmpLocation location, Action<long>? progress)
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
        return new CensusResult(location, census, scanned, hasCounters ? counters : null, reader.AbsentPages, reader.FirstAbsentPage);
    }
}
