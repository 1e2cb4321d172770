namespace FastRmp;

/// <summary>What the host's page-fault handler does about a fault.</summary>
public enum FaultOutcome : byte
{
    /// <summary>It is no RMP violation: not this handler's.</summary>
    NotAnRmpFault = 0,

    /// <summary>The mapping was split; the access succeeds when repeated.</summary>
    Split = 1,

    /// <summary>Nothing is wrong any more: the entry was just being changed. Repeat the access.</summary>
    Spurious = 2,

    /// <summary>A true violation, or one that this policy has no answer to: the kernel would oops.</summary>
    Fatal = 3,
}
