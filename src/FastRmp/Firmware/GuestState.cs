namespace FastRmp.Firmware;

/// <summary>How far an SNP guest has come.</summary>
public enum GuestState : byte
{
    /// <summary>GSTATE_INIT: the context was created, or the guest decommissioned.</summary>
    Init = 0,

    /// <summary>GSTATE_LAUNCH: from SNP_LAUNCH_START on.</summary>
    Launch = 1,

    /// <summary>GSTATE_RUNNING: from SNP_LAUNCH_FINISH on.</summary>
    Running = 2,
}
