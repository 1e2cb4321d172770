namespace FastRmp.Qemu;

/// <summary>The exceptions that the plugin delivers.</summary>
internal enum ExceptionVector
{
    /// <summary>#GP.</summary>
    GeneralProtection = 13,

    /// <summary>#PF.</summary>
    PageFault = 14,
}
