using System.Collections.Generic;
using FastRmp.Images;

namespace FastRmp.Cli.CrossCheck;

/// <summary>The direct map of an image beside its RMP.</summary>
/// <param name="Location">Where the direct map is.</param>
/// <param name="Totals">Its regions.</param>
/// <param name="FirstAbsentRegion">The first region whose entries the image does not hold.</param>
/// <param name="AbsentTables">Paging tables that the image does not hold.</param>
/// <param name="Faulting">The regions where writes would fault: the first of them, or all.</param>
/// <param name="Free">The regions that could be whole: the first of them, or all.</param>
internal sealed record CrossCheckReport(
    DirectMapLocation Location,
    DirectMapRmpTotals Totals,
    PhysicalAddress FirstAbsentRegion,
    long AbsentTables,
    List<DirectMapRmpRegion> Faulting,
    List<DirectMapRmpRegion> Free)
{
    /// <summary>How many regions there are where writes would fault.</summary>
    internal long FaultingCount => Totals.Mixed2M + Totals.Mixed1G;
}
