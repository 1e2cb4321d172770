namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>What one step of a thread's program does.</summary>
internal enum StepKind
{
    Update,
    Smash,

    /// <summary>A host write through a mapping of some size.</summary>
    Access,
    Lookup,

    /// <summary>A raw write; before the threads start only.</summary>
    Poke,
    Validate,
    Rescind,
    Adjust,
    Query,
    Disclose,

    /// <summary>A private access of a guest.</summary>
    Touch,

    /// <summary>VMRUN of a page that the hypervisor owns, or of a guest's save area.</summary>
    Enter,
    EnterVmsa,
    Leave,

    /// <summary>RMPOPT, verify and report, on a core of the thread's choice.</summary>
    Verify,
    Report,

    /// <summary>A command of the firmware, which is one thread.</summary>
    Command,
}
