namespace FastRmp.Images.Study;

/// <summary>A policy with a rule of joining: a row of the table.</summary>
internal sealed record MapVariant(MapPolicy Policy, JoinRule Join)
{
    /// <summary>The name of the row.</summary>
    internal string Name { get; } = Policy.Name + Join.Suffix;
}
