namespace FastRmp.Rmp;

/// <summary>The exception that an RMP instruction raises instead of returning a code.</summary>
public enum RmpFault : byte
{
    /// <summary>None: the instruction completed and the code counts.</summary>
    None = 0,

    /// <summary>#UD: not in 64-bit mode, or SNP is not enabled.</summary>
    InvalidOpcode = 1,

    /// <summary>#GP(0): CPL is not 0.</summary>
    GeneralProtection = 2,
}
