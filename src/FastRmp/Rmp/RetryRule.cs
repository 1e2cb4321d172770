using System;

namespace FastRmp.Rmp;

/// <summary>Which codes host software takes for contention and answers by trying again.</summary>
[Flags]
public enum RetryRule : byte
{
    /// <summary>No retry.</summary>
    None = 0,

    /// <summary>Retry on FAIL_INUSE: the loop of the original patch (RFC v1 to v5).</summary>
    InUse = 1,

    /// <summary>Retry on FAIL_OVERLAP: the loop of mainline Linux since 6.9.</summary>
    Overlap = 2,
}
