using System;
using System.Globalization;
using FastRmp.Cli.CrossCheck;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;

namespace FastRmp.Cli.Census;

/// <summary>Prints a census: for people, or as rows.</summary>
internal static class CensusTable
{
    private const int NameWidth = 18;
    private const int NumberWidth = 14;

    internal static void WriteText(Output output, CensusRequest request, CensusResult result)
    {
        RmpCensus census = result.Census;
        RmpLocation location = result.Location;
        string found = location.Source == RmpSource.Given ? string.Empty : $", {RmpPlaces.FoundBy(location.Source)}";
        output.WriteLine(Say($"RMP {RmpPlaces.Text(location.Geometry)}: entries of {location.Geometry.CoveredPages} pages{found}"));
        WriteSegments(output, location.Geometry);
        foreach (PageState state in Enum.GetValues<PageState>())
        {
            if (census.PagesIn(state) != 0) Number(output, state.Name(), census.PagesIn(state), string.Empty);
        }

        Number(
            output, "assigned", Assigned(request, result),
            request.Scans ? "by looking at every entry" : "by the counts of the base entries");
        Number(output, "2M pages", census.LargePages, string.Empty);
        Number(output, "VMSA pages", census.VmsaPages, string.Empty);
        if (census.InUseVmsaPages != 0)
        {
            Number(output, "VMSA in use", census.InUseVmsaPages, "of running VCPUs: their entries hide the owner");
        }

        if (result.AbsentPages != 0) Number(output, "not in the image", result.AbsentPages, string.Empty);
        if (request.ListsOwners) WriteOwners(output, result);
        WriteFindings(output, result);
        if (result.DirectMap is { } map) output.Write(CrossCheckText.Text(map));
    }

    internal static void WriteTsv(Output output, CensusRequest request, CensusResult result)
    {
        RmpCensus census = result.Census;
        Row(output, "pages", "covered", result.Location.Geometry.CoveredPages);
        Row(output, "pages", "counted", census.Pages);
        Row(output, "pages", "absent", result.AbsentPages);
        Row(output, "pages", request.Scans ? "assigned_by_scan" : "assigned_by_count", Assigned(request, result));
        Row(output, "pages", "vmsa", census.VmsaPages);
        Row(output, "pages", "vmsa_in_use", census.InUseVmsaPages);
        Row(output, "pages", "large", census.LargePages);
        foreach (PageState state in Enum.GetValues<PageState>())
        {
            if (state != PageState.Default) Row(output, "state", state.Name(), census.PagesIn(state));
        }

        for (uint asid = 0; request.ListsOwners && asid <= RmpEntry.MaxAsid; asid++)
        {
            if (census.PagesOf(asid) != 0) Row(output, "owner", Say($"{asid}"), census.PagesOf(asid));
        }

        foreach (RmpCensusFindingKind kind in Enum.GetValues<RmpCensusFindingKind>())
        {
            Row(output, "finding", FindingText.Name(kind), census.FindingsOf(kind));
        }

        if (result.DirectMap is { } map) output.Write(CrossCheckText.Tsv(map, request.ListsRegions));
    }

    private static void WriteSegments(Output output, RmpGeometry geometry)
    {
        if (!geometry.TryGetSegmented(out SegmentedGeometry segments)) return;
        for (int index = 0; index < segments.CoveredRanges; index++)
        {
            PhysicalRange covered = segments.CoveredRange(index);
            PhysicalRange entries = RmpPlaces.Entries(geometry, index);
            output.WriteLine(Say(
                $"  segment {segments.Segments[index].Index}: 0x{entries.Start.Value:x}-0x{entries.End - 1:x} covers 0x{covered.Start.Value:x}-0x{covered.End - 1:x}"));
        }
    }

    internal static ulong Assigned(CensusRequest request, CensusResult result) =>
        request.Scans ? result.Scanned : result.Census.CountedPages;

    private static void WriteOwners(Output output, CensusResult result)
    {
        output.WriteLine(
            Say($"{"owner",-NameWidth}{"pages",NumberWidth}{(result.Counters is null ? string.Empty : "counter"),NumberWidth}").TrimEnd());
        for (uint asid = 0; asid <= RmpEntry.MaxAsid; asid++)
        {
            ulong pages = result.Census.PagesOf(asid);
            ulong counter = asid == 0 ? 0 : result.Counters?[asid] ?? 0;
            if (pages == 0 && counter == 0) continue;
            string owner = asid == 0 ? "firmware" : Say($"ASID {asid}");
            string recorded = asid == 0 || result.Counters is null ? string.Empty : Say($"{counter,NumberWidth}");
            output.WriteLine(Say($"{owner,-NameWidth}{pages,NumberWidth}{recorded}"));
        }
    }

    private static void WriteFindings(Output output, CensusResult result)
    {
        RmpCensus census = result.Census;
        if (result.Counters is null) output.WriteLine("the counters by ASID are not in the image");
        else if (result.AbsentPages != 0) output.WriteLine("the counters by ASID were not compared: entries are missing");
        if (census.Pages == 0) return;
        if (result.IsUnused)
        {
            output.WriteLine("no page is assigned: there is nothing to compare");
            output.WriteLine(
                "  SNP firmware was not started (SNP_INIT makes the RMP's own pages Firmware), or the RMP is at another place");
            return;
        }

        if (census.IsConsistent)
        {
            output.WriteLine("consistent");
            return;
        }

        foreach (RmpCensusFindingKind kind in Enum.GetValues<RmpCensusFindingKind>())
        {
            if (census.FindingsOf(kind) != 0) Number(output, FindingText.Name(kind), census.FindingsOf(kind), "inconsistent");
        }

        foreach (RmpCensusFinding finding in census.FirstFindings)
        {
            output.WriteLine($"  {FindingText.Sentence(finding)}");
        }

        if (census.FirstFindings.Length == RmpCensus.FindingCapacity) output.WriteLine("  (there may be more)");
    }

    private static void Number(Output output, string name, ulong number, string remark) =>
        output.WriteLine(Say($"{name,-NameWidth}{number,NumberWidth}  {remark}").TrimEnd());

    private static void Row(Output output, string section, string name, ulong value) =>
        output.WriteLine(Say($"{section}\t{name}\t{value}"));

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
