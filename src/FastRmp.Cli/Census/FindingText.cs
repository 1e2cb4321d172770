using System.Globalization;

namespace FastRmp.Cli.Census;

/// <summary>Findings in words.</summary>
internal static class FindingText
{
    /// <summary>The name of a kind, for programs.</summary>
    internal static string Name(RmpCensusFindingKind kind) => kind switch
    {
        RmpCensusFindingKind.CountTooLow => "count_too_low",
        RmpCensusFindingKind.CountTooHigh => "count_too_high",
        RmpCensusFindingKind.CountOfLargePage => "count_of_large_page",
        RmpCensusFindingKind.CountOfSubpage => "count_of_subpage",
        RmpCensusFindingKind.LostSubpage => "lost_subpage",
        RmpCensusFindingKind.UnassignedLargePage => "unassigned_large_page",
        RmpCensusFindingKind.LargeSubpage => "large_subpage",
        RmpCensusFindingKind.InvalidState => "invalid_state",
        RmpCensusFindingKind.InTransition => "in_transition",
        _ => "asid_counter",
    };

    internal static string Sentence(RmpCensusFinding finding)
    {
        string page = string.Create(CultureInfo.InvariantCulture, $"page 0x{finding.Page.Value:x}");
        string pages = finding.Found == 1
            ? page
            : string.Create(CultureInfo.InvariantCulture, $"{finding.Found} pages from 0x{finding.Page.Value:x} on");
        return finding.Kind switch
        {
            RmpCensusFindingKind.CountTooLow or RmpCensusFindingKind.CountTooHigh =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{page}: Subpage_Count is {finding.Recorded}, and {finding.Found} sub-pages are assigned"),
            RmpCensusFindingKind.CountOfLargePage =>
                string.Create(CultureInfo.InvariantCulture, $"{page}: a 2M page with a Subpage_Count of {finding.Recorded}"),
            RmpCensusFindingKind.CountOfSubpage => $"{pages}: a Subpage_Count outside a base entry",
            RmpCensusFindingKind.LostSubpage =>
                string.Create(CultureInfo.InvariantCulture, $"{pages}: lost to a 2M page of ASID {finding.Asid}: not assigned"),
            RmpCensusFindingKind.UnassignedLargePage => $"{page}: a 2M page that is not assigned",
            RmpCensusFindingKind.LargeSubpage => $"{pages}: a size of 2M outside a base entry",
            RmpCensusFindingKind.InvalidState => $"{pages}: in none of firmware's states",
            RmpCensusFindingKind.InTransition => $"{pages}: locked while it was being changed",
            _ =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"ASID {finding.Asid}: the counter is {finding.Recorded}, and {finding.Found} pages are assigned"),
        };
    }
}
