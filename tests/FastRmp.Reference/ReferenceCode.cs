namespace FastRmp.Reference;

/// <summary>The codes that the instructions leave in EAX (rmp 4.2).</summary>
#pragma warning disable CA1027 // The numbers are the manual's; that they look like flags is chance.
public enum ReferenceCode
#pragma warning restore CA1027
{
    /// <summary>SUCCESS.</summary>
    Success = 0,

    /// <summary>FAIL_INPUT.</summary>
    FailInput = 1,

    /// <summary>FAIL_PERMISSION.</summary>
    FailPermission = 2,

    /// <summary>FAIL_INUSE.</summary>
    FailInUse = 3,

    /// <summary>FAIL_OVERLAP.</summary>
    FailOverlap = 4,

    /// <summary>FAIL_SIZEMISMATCH; of guest instructions only.</summary>
    FailSizeMismatch = 6,

    /// <summary>FAIL_BADADDR; of PSMASH only.</summary>
    FailBadAddress = 7,
}
