namespace FastRmp.Images;

/// <summary>How it became known where an RMP is.</summary>
public enum RmpSource
{
    /// <summary>The caller said so: RMP_BASE and RMP_END.</summary>
    Given,

    /// <summary>The caller said where the segment table is, which was read from the image.</summary>
    SegmentTable,

    /// <summary>The kernel's variables in the image, by a list of its symbols.</summary>
    KernelVariables,

    /// <summary>The kernel's own log in the image.</summary>
    KernelLog,

    /// <summary>A log beside the image.</summary>
    Log,
}
