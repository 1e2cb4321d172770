namespace FastRmp.Reference;

/// <summary>The page types of LAUNCH_UPDATE, with the interface's numbers (rmp 13.4).</summary>
public enum ReferencePageType
{
    /// <summary>None: refused.</summary>
    None = 0,

    /// <summary>Measured data.</summary>
    Normal = 1,

    /// <summary>A save area.</summary>
    Vmsa = 2,

    /// <summary>Zeros.</summary>
    Zero = 3,

    /// <summary>Data that is not measured.</summary>
    Unmeasured = 4,

    /// <summary>Secrets.</summary>
    Secrets = 5,

    /// <summary>CPUID values.</summary>
    Cpuid = 6,
}
