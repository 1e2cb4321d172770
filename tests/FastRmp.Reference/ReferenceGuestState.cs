namespace FastRmp.Reference;

/// <summary>The states of a guest, with the numbers of the guest status page (rmp 13.2).</summary>
public enum ReferenceGuestState
{
    /// <summary>INIT: a context, and nothing in it.</summary>
    Init = 0,

    /// <summary>LAUNCH: between LAUNCH_START and LAUNCH_FINISH.</summary>
    Launch = 1,

    /// <summary>RUNNING.</summary>
    Running = 2,
}
