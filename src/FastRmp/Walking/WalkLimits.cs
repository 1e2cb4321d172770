namespace FastRmp;

/// <summary>Where walks and listings give up.</summary>
internal static class WalkLimits
{
    /// <summary>How often a walk begins again because other writers won the race for an entry.</summary>
    internal const int MaxRestarts = 64;

    /// <summary>How many tables without a leaf, one after the other, end a listing.</summary>
    internal const int MaxTablesWithoutLeaf = 1 << 22;
}
