using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_census_result.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CensusAnswer
{
    private const int States = (int)PageState.GuestValid + 1;
    private const int Kinds = (int)RmpCensusFindingKind.AsidCounter + 1;

    private fixed ulong _pagesInState[States];
    private fixed ulong _findings[Kinds];
    private ulong _pages;
    private ulong _assigned;
    private ulong _counted;
    private ulong _largePages;
    private ulong _vmsaPages;
    private ulong _inUseVmsaPages;
    private ulong _isConsistent;

    /// <summary>Fills it.</summary>
    /// <param name="census">What was counted.</param>
    internal void Fill(RmpCensus census)
    {
        for (int state = 0; state < States; state++) _pagesInState[state] = census.PagesIn((PageState)state);
        for (int kind = 0; kind < Kinds; kind++) _findings[kind] = census.FindingsOf((RmpCensusFindingKind)kind);
        _pages = census.Pages;
        _assigned = census.AssignedPages;
        _counted = census.CountedPages;
        _largePages = census.LargePages;
        _vmsaPages = census.VmsaPages;
        _inUseVmsaPages = census.InUseVmsaPages;
        _isConsistent = census.IsConsistent ? 1UL : 0;
    }
}
