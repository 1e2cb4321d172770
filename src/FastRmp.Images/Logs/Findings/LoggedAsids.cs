namespace FastRmp.Images;

/// <summary>The address-space identifiers for encrypted guests that KVM found.</summary>
public sealed class LoggedAsids : LogFinding
{
    internal LoggedAsids(LogPlace place, string kind)
        : base(place) => Kind = kind;

    /// <summary>Whose: <c>sev</c>, <c>sev_es</c>, <c>sev_snp</c>, or <c>sev_es_and_snp</c>.</summary>
    public string Kind { get; }

    /// <summary>The first one; null where a count is printed.</summary>
    public long? First { get; internal set; }

    /// <summary>The last one; null where a count is printed.</summary>
    public long? Last { get; internal set; }

    /// <summary>How many there are; null where a range is printed.</summary>
    public long? Count { get; internal set; }

    /// <summary>What KVM says of the kind: <c>enabled</c>, <c>disabled</c>, <c>unusable</c> (no identifier is left for it); null where a
    /// count is printed.</summary>
    public string? State { get; internal set; }

    /// <inheritdoc/>
    public override bool IsRmpEvent => false;
}
