namespace FastRmp.Images;

/// <summary>Pages that Linux gives up because it cannot take them back from a guest or from firmware.</summary>
public sealed class LoggedLeak : LogFinding
{
    internal LoggedLeak(LogPlace place, ulong start, ulong end)
        : base(place)
    {
        Start = start;
        End = end;
    }

    /// <summary>The first page frame.</summary>
    public ulong Start { get; }

    /// <summary>The page frame after the last one.</summary>
    public ulong End { get; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => true;
}
