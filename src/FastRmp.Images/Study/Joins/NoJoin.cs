namespace FastRmp.Images.Study;

/// <summary>What was split stays split, as in mainline.</summary>
internal sealed class NoJoin : JoinRule
{
    /// <inheritdoc/>
    internal override string Suffix => string.Empty;

    /// <inheritdoc/>
    internal override string Summary => string.Empty;

    /// <inheritdoc/>
    internal override Joiner? Start(StudyCosts costs) => null;
}
