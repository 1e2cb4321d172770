namespace FastRmp.Reference;

/// <summary>Where a request ended: in which tables (AMD-Vi 4.4).</summary>
public enum ReferenceIommuPart
{
    /// <summary>The DTE, the v1 tables of a request that uses them alone, or nothing of the kind.</summary>
    Host = 0,

    /// <summary>The GCR3 table.</summary>
    Gcr3 = 1,

    /// <summary>The v2 tables, or the page that they led to.</summary>
    Guest = 2,

    /// <summary>The v1 tables below one of those.</summary>
    HostUnderGuest = 3,
}
