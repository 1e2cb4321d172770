namespace FastRmp.Reference;

/// <summary>The states of the legacy SEV and SEV-ES platform (rmp 12.1).</summary>
public enum ReferenceLegacyState
{
    /// <summary>UNINIT.</summary>
    Uninit = 0,

    /// <summary>INIT.</summary>
    Init = 1,

    /// <summary>WORKING: there are guests.</summary>
    Working = 2,
}
