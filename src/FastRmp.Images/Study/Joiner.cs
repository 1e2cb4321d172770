namespace FastRmp.Images.Study;

/// <summary>A rule of joining at work in one replay.</summary>
internal abstract class Joiner
{
    /// <summary>Whether <see cref="Tick"/> is called, ten times in a second of the trace's time.</summary>
    internal virtual bool HasTicks => false;

    /// <summary>Whether <see cref="HostTouched"/> is called.</summary>
    internal virtual bool CountsTouches => false;

    /// <summary>A release left a region that is split without any page of a guest.</summary>
    internal abstract void Emptied(MapStudy map, MapRun run, int region);

    /// <summary>The host got, wrote or read pages of a region that is split and has no page of a guest.</summary>
    /// <param name="map">The map.</param>
    /// <param name="run">The policy.</param>
    /// <param name="region">The region.</param>
    /// <param name="picoseconds">What the accesses cost more through its small leaves than through a large one.</param>
    internal virtual void HostTouched(MapStudy map, MapRun run, int region, long picoseconds)
    {
    }

    /// <summary>A tenth of a second has passed.</summary>
    internal virtual void Tick(MapStudy map, MapRun run)
    {
    }
}
