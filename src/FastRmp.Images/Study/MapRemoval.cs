namespace FastRmp.Images.Study;

/// <summary>Whether the pages of guests stay in the direct map.</summary>
internal enum MapRemoval
{
    /// <summary>They stay.</summary>
    None,

    /// <summary>They go before the RMPUPDATE that assigns and come back after the one that releases, without a flush of their
    /// own.</summary>
    AtUpdate,

    /// <summary>They go when the guest faults them in, with a ranged flush for each folio, and come back when the file frees
    /// them.</summary>
    AtGuestFault,
}
