namespace FastRmp.Images;

/// <summary>A segment of a segmented RMP.</summary>
public sealed class LoggedRmpSegment : LogFinding
{
    internal LoggedRmpSegment(LogPlace place, int index, PhysicalSpan table, PhysicalSpan covered)
        : base(place)
    {
        Index = index;
        Table = table;
        Covered = covered;
    }

    /// <summary>Its number in the segment table.</summary>
    public int Index { get; }

    /// <summary>Where its entries are.</summary>
    public PhysicalSpan Table { get; }

    /// <summary>The memory that it covers.</summary>
    public PhysicalSpan Covered { get; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;
}
