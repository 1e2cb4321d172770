namespace FastRmp.Firmware;

/// <summary>Firmware's platform state for legacy SEV and SEV-ES guests.</summary>
public enum SevPlatformState : byte
{
    /// <summary>UNINIT.</summary>
    Uninit = 0,

    /// <summary>INIT: the legacy command INIT succeeded.</summary>
    Init = 1,

    /// <summary>WORKING: there are legacy guests.</summary>
    Working = 2,
}
