using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FastRmp.Images;

namespace FastRmp.Cli.CrossCheck;

/// <summary>A comparison in words, and in rows.</summary>
internal static class CrossCheckText
{
    private const int NameWidth = 34;
    private const int NumberWidth = 10;

    /// <summary>For people.</summary>
    /// <param name="report">The comparison.</param>
    /// <param name="listsFree">Whether regions that could be whole are listed, or only counted.</param>
    internal static string Text(CrossCheckReport report, bool listsFree = true)
    {
        DirectMapRmpTotals totals = report.Totals;
        StringBuilder text = new();
        Line(text, $"2M regions of the direct map at 0x{report.Location.Base.Value:x}:");
        Row(text, "in 2M leaves, some pages assigned", totals.Mixed2M, string.Empty);
        Row(text, "in 1G leaves, some pages assigned", totals.Mixed1G, string.Empty);
        if (totals.Assigned2M + totals.Assigned1G != 0)
        {
            Row(text, "in 2M leaves, all pages assigned", totals.Assigned2M, string.Empty);
            Row(text, "in 1G leaves, all pages assigned", totals.Assigned1G, string.Empty);
        }

        Row(text, "in 4K leaves, some pages assigned", totals.SplitMixed, string.Empty);
        if (totals.SplitAssigned != 0) Row(text, "in 4K leaves, all pages assigned", totals.SplitAssigned, string.Empty);
        Row(text, "in 4K leaves, no page assigned", totals.SplitFree, string.Empty);
        if (totals.Absent != 0) Row(text, "entries not in the image", totals.Absent, string.Empty);
        Faulting(text, report);
        Free(text, report, listsFree);
        return text.ToString();
    }

    /// <summary>Rows of section, name, value.</summary>
    internal static string Tsv(CrossCheckReport report, bool isAll)
    {
        DirectMapRmpTotals totals = report.Totals;
        StringBuilder text = new();
        foreach ((string name, long value) in Counts(totals)) Line(text, $"direct_map\t{name}\t{value}");
        if (!isAll) return text.ToString();
        foreach (DirectMapRmpRegion region in report.Faulting)
        {
            Line(text, $"writes_fault\t0x{region.Start.Value:x}\t{region.AssignedPages}");
        }

        foreach (DirectMapRmpRegion region in report.Free)
        {
            Line(text, $"could_be_whole\t0x{region.Start.Value:x}\t{(region.IsAlike ? 1 : 0)}");
        }

        return text.ToString();
    }

    /// <summary>The numbers by their names for programs.</summary>
    internal static (string Name, long Value)[] Counts(DirectMapRmpTotals totals) =>
    [
        ("mixed_2m", totals.Mixed2M), ("mixed_1g", totals.Mixed1G), ("faulting_pages", totals.FaultingPages),
        ("assigned_2m", totals.Assigned2M), ("assigned_1g", totals.Assigned1G), ("split_mixed", totals.SplitMixed),
        ("split_assigned", totals.SplitAssigned), ("split_free", totals.SplitFree), ("split_free_alike", totals.SplitFreeAlike),
        ("absent", totals.Absent),
    ];

    private static void Faulting(StringBuilder text, CrossCheckReport report)
    {
        if (report.FaultingCount == 0)
        {
            long absent = report.Totals.Absent;
            if (absent == 0) Line(text, $"no large leaf has pages of both kinds: no write of the host to its own pages would fault");
            else Line(text, $"no large leaf whose entries are in the image has pages of both kinds; of {absent} regions that is not known");
            return;
        }

        Line(text,
            $"writes of the host to its own pages that would fault: to {report.Totals.FaultingPages} pages of {report.FaultingCount} regions");
        foreach (DirectMapRmpRegion region in report.Faulting)
        {
            string owner = region.Asid switch
            {
                0 => "firmware's",
                RmpEntry.InUseAsid => "a VM save area in use",
                _ => Say($"of ASID {region.Asid}"),
            };
            Line(text,
                $"  0x{region.VirtualAddress.Value:x}  {region.Leaf.ShortName()}  {region.AssignedPages,3} assigned, the first is PFN 0x{region.FirstAssigned.PageNumber:x}, {owner}");
        }

        More(text, report.FaultingCount, report.Faulting);
    }

    private static void Free(StringBuilder text, CrossCheckReport report, bool isListed)
    {
        DirectMapRmpTotals totals = report.Totals;
        if (totals.SplitFree == 0) return;
        Line(text,
            $"regions in 4K leaves without an assigned page: {totals.SplitFree}; {totals.SplitFreeAlike} could be whole, since nothing else differs");
        if (!isListed) return;
        foreach (DirectMapRmpRegion region in report.Free)
        {
            Line(text, $"  0x{region.VirtualAddress.Value:x}  PFN 0x{region.Start.PageNumber:x}, {Reasons(region)}");
        }

        More(text, totals.SplitFree, report.Free);
    }

    private static string Reasons(in DirectMapRmpRegion region)
    {
        StringBuilder text = new(region.IsAlike ? "could be whole" : string.Empty);
        for (int index = 0; index < SplitReasonsExtensions.Count; index++)
        {
            if (!region.Reasons.Has(index)) continue;
            if (text.Length != 0) text.Append(", ");
            text.Append(SplitReasonsExtensions.Name(index));
        }

        return text.ToString();
    }

    private static void More(StringBuilder text, long count, List<DirectMapRmpRegion> listed)
    {
        if (count > listed.Count) Line(text, $"  and {count - listed.Count} more");
    }

    private static void Row(StringBuilder text, string name, long number, string remark) =>
        Line(text, $"  {name.PadRight(NameWidth)}{number,NumberWidth}{remark}");

    private static void Line(StringBuilder text, FormattableString line) => text.Append(Say(line)).Append('\n');

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
