namespace FastRmp.Images.Study;

/// <summary>A modelled cost in nanoseconds of processor time, by cause.</summary>
/// <param name="Tables">Table pages, and entries written and compared.</param>
/// <param name="Flushes">Flushes on all processors.</param>
/// <param name="Faults">Faults that were handled.</param>
/// <param name="Scans">Regions that a worker or a list looked at.</param>
/// <param name="Tlb">Host accesses, beyond what they cost through the map of the start.</param>
internal sealed record StudyCost(double Tables, double Flushes, double Faults, double Scans, double Tlb)
{
    /// <summary>All of it.</summary>
    internal double Total => Tables + Flushes + Faults + Scans + Tlb;
}
