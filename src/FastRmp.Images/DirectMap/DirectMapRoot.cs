namespace FastRmp.Images;

/// <summary>Which root the tables of a direct map belong to.</summary>
public enum DirectMapRoot
{
    /// <summary>The root that the caller gave.</summary>
    Given,

    /// <summary>The page before it: the given root was the half that user mode sees under page-table isolation. Linux: the pair is 8 KiB
    /// aligned, the kernel's half comes first.</summary>
    KernelHalf,

    /// <summary>VMCOREINFO: the kernel's reference tables, <c>swapper_pg_dir</c>.</summary>
    Reference,
}
