using System;

namespace FastRmp;

/// <summary>The codes on which host software repeats RMPUPDATE, because they may report contention.</summary>
[Flags]
public enum RetryRule : byte
{
    /// <summary>No retry.</summary>
    None = 0,

    /// <summary>Retry on FAIL_INUSE: the loop of the original patch (RFC v1 to v5).</summary>
    InUse = 1,

    /// <summary>Retry on FAIL_OVERLAP: the loop of mainline Linux since 6.9.</summary>
    Overlap = 2,

    /// <summary>The loop of the original patch.</summary>
    Rfc = InUse,

    /// <summary>The loop of mainline Linux since 6.9. Contention that comes as FAIL_INUSE fails there at once.</summary>
    Mainline = Overlap,

    /// <summary>Both codes: repeats on contention with any value of <see cref="ModelChoices.Contention"/>.</summary>
    Any = InUse | Overlap,
}
