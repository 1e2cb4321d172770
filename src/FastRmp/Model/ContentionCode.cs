namespace FastRmp.Model;

/// <summary>The code by which RMPUPDATE reports that another processor is changing the entry or its region.</summary>
public enum ContentionCode : byte
{
    /// <summary>FAIL_INUSE, as the manual defines it; the RFC's host retries on it.</summary>
    FailInUse = 0,

    /// <summary>FAIL_OVERLAP although nothing overlaps, as mainline Linux met it on hardware and retries on.</summary>
    FailOverlap = 1,
}
