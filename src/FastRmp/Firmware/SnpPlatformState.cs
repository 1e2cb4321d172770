namespace FastRmp.Firmware;

/// <summary>Firmware's platform state for SNP.</summary>
public enum SnpPlatformState : byte
{
    /// <summary>UNINIT: no command on guests or pages works.</summary>
    Uninit = 0,

    /// <summary>INIT: SNP_INIT or SNP_INIT_EX succeeded, and there was no shutdown since.</summary>
    Init = 1,
}
