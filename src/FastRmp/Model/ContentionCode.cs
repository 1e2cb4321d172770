namespace FastRmp;

/// <summary>The code by which RMPUPDATE reports that another processor is changing the entry or its region. PSMASH knows FAIL_INUSE
/// only.</summary>
public enum ContentionCode : byte
{
    /// <summary>FAIL_OVERLAP if the 2 MiB region is locked, though nothing overlaps; FAIL_INUSE if the page's own entry is being
    /// changed.</summary>
    ByPlace = 0,

    /// <summary>FAIL_INUSE always, as the manual defines it; the RFC's host retries on it.</summary>
    FailInUse = 1,

    /// <summary>FAIL_OVERLAP always, as mainline Linux met it on hardware and retries on.</summary>
    FailOverlap = 2,
}
