using FastRmp.Images;

namespace FastRmp.Cli.DirectMap;

/// <summary>What is known before the lists begin.</summary>
/// <param name="Image">The image's name.</param>
/// <param name="Cpu">The processor whose root was followed; null if none was.</param>
/// <param name="Location">Where the map lies.</param>
/// <param name="Totals">Its leaves.</param>
/// <param name="ReasonCounts">How many 2 MiB regions have each reason.</param>
/// <param name="AbsentTables">Tables that the image does not hold.</param>
/// <param name="FirstAbsentEntry">Where the first missing entry should be.</param>
internal sealed record DirectMapReport(
    string Image,
    int? Cpu,
    DirectMapLocation Location,
    DirectMapTotals Totals,
    long[] ReasonCounts,
    long AbsentTables,
    PhysicalAddress FirstAbsentEntry)
{
    /// <summary>How the base became known, as <c>--json</c> says it.</summary>
    internal string FoundBy => Location.BaseSource switch
    {
        DirectMapBaseSource.Given => "given",
        DirectMapBaseSource.PageOffsetBase => "vmcoreinfo_page_offset_base",
        DirectMapBaseSource.MemorySections => "vmcoreinfo_mem_section",
        _ => "tables",
    };

    /// <summary>Which root was followed, as <c>--json</c> says it.</summary>
    internal string RootKind => Location.RootKind switch
    {
        DirectMapRoot.KernelHalf => "kernel_half",
        DirectMapRoot.Reference => "reference_tables",
        _ => "given",
    };
}
