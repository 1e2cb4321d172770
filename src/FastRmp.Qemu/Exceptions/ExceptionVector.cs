namespace FastRmp.Qemu;

/// <summary>The exceptions that the plugin delivers or looks at.</summary>
internal enum ExceptionVector
{
    /// <summary>#UD.</summary>
    InvalidOpcode = 6,

    /// <summary>#GP.</summary>
    GeneralProtection = 13,

    /// <summary>#PF.</summary>
    PageFault = 14,
}
