namespace FastRmp.Images;

/// <summary>What a message of the SEV driver reports.</summary>
public enum FirmwareReport
{
    /// <summary>The version of the SEV or SNP API.</summary>
    Version,

    /// <summary>An initialisation failed.</summary>
    InitFailed,

    /// <summary>A shutdown failed.</summary>
    ShutdownFailed,

    /// <summary>A command failed.</summary>
    CommandFailed,

    /// <summary>The secure processor did not answer a command in time.</summary>
    TimedOut,
}
