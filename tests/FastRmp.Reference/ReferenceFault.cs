namespace FastRmp.Reference;

/// <summary>The exceptions that an instruction raises instead of returning a code (rmp 4.3).</summary>
public enum ReferenceFault
{
    /// <summary>No exception: the code counts.</summary>
    None = 0,

    /// <summary>#UD.</summary>
    InvalidOpcode = 1,

    /// <summary>#GP(0).</summary>
    GeneralProtection = 2,
}
