namespace FastRmp.Paging;

/// <summary>The manual's words for the parts of a walk, for the texts of results.</summary>
internal static class WalkWords
{
    /// <summary>The kind of an entry, by the level of its table.</summary>
    /// <param name="level">The level.</param>
    /// <returns>Text such as <c>PDE</c>; <c>entry</c> without a level.</returns>
    internal static string Entry(PagingLevel level) => level switch
    {
        PagingLevel.PageTable => "PTE",
        PagingLevel.PageDirectory => "PDE",
        PagingLevel.PageDirectoryPointer => "PDPE",
        PagingLevel.PageMapLevel4 => "PML4E",
        PagingLevel.PageMapLevel5 => "PML5E",
        _ => "entry",
    };

    /// <summary>What a translation allows.</summary>
    /// <param name="rights">The rights.</param>
    /// <returns>Text such as <c>user rwx</c> or <c>supervisor r--</c>.</returns>
    internal static string Rights(PagingRights rights)
    {
        string who = (rights & PagingRights.User) != 0 ? "user" : "supervisor";
        return $"{who} r{((rights & PagingRights.Write) != 0 ? 'w' : '-')}{((rights & PagingRights.Execute) != 0 ? 'x' : '-')}";
    }

    /// <summary>Why a walk ended at an entry or a page.</summary>
    /// <param name="walk">A walk that mapped nothing.</param>
    /// <returns>Text such as <c>PDE at 0x3000 not present</c>.</returns>
    internal static string Obstacle(in WalkResult walk) => walk.Status switch
    {
        WalkStatus.NotPresent => $"{Entry(walk.Level)} at {walk.Address} not present",
        WalkStatus.MalformedEntry => $"{Entry(walk.Level)} at {walk.Address} with reserved bits",
        WalkStatus.RightsViolation => $"no right to the {walk.Size.ShortName()} page, {walk.Address} is {Rights(walk.Rights)}",
        WalkStatus.RmpViolation => $"RMP violation at {walk.Address}, {Entry(walk.Level)}",
        WalkStatus.NonCanonical => "address not canonical",
        WalkStatus.OutsideMemory => $"{Entry(walk.Level)} at {walk.Address} outside the memory",
        WalkStatus.Contended => $"{Entry(walk.Level)} at {walk.Address} changed by others each time",
        _ => $"{walk.Address}, {walk.Size.ShortName()}, {Rights(walk.Rights)}",
    };
}
