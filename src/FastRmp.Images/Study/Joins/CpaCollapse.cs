namespace FastRmp.Images.Study;

/// <summary>Linux's own rule, if it were asked for after every release: all 512 entries equal, and none marked KERNEL_4K.</summary>
/// <remarks>set_memory_4k, which splits before an RMPUPDATE, marks the page that it was called for: what it split is never joined. What
/// the fault handler split is not marked. Source: Linux, arch/x86/mm/pat/set_memory.c (direct map 6.1).</remarks>
internal sealed class CpaCollapse : JoinRule
{
    /// <inheritdoc/>
    internal override string Suffix => "+cpa";

    /// <inheritdoc/>
    internal override string Summary => "Linux's own collapse after every release: entries equal, none marked KERNEL_4K";

    /// <inheritdoc/>
    internal override Joiner Start(StudyCosts costs) => new State();

    private sealed class State : Joiner
    {
        internal override void Emptied(MapStudy map, MapRun run, int region)
        {
            run.Scans++;
            if (map.IsMarked(run, region)) return;
            map.Join(run, region);
            map.Flush(run);
        }
    }
}
