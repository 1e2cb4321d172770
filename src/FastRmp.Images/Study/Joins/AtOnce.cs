namespace FastRmp.Images.Study;

/// <summary>A region is joined when its last page is released, with a flush of its own; up to 1 GiB.</summary>
internal sealed class AtOnce : JoinRule
{
    /// <inheritdoc/>
    internal override string Suffix => "+rejoin";

    /// <inheritdoc/>
    internal override string Summary => "join a 2M region again when its last guest page is released; up to 1G";

    /// <inheritdoc/>
    internal override Joiner Start(StudyCosts costs) => new State();

    private sealed class State : Joiner
    {
        internal override void Emptied(MapStudy map, MapRun run, int region)
        {
            map.Join(run, region);
            map.Flush(run);
        }
    }
}
