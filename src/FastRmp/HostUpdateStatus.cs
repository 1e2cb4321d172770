namespace FastRmp;

/// <summary>How the host's RMPUPDATE function ended.</summary>
public enum HostUpdateStatus : byte
{
    /// <summary>SNP is not enabled (the patch's -ENXIO); nothing was touched.</summary>
    NotEnabled = 0,

    /// <summary>The page has the state asked for.</summary>
    Done = 1,

    /// <summary>The direct map could not be split (-ENOMEM); the RMP was not touched.</summary>
    SplitFailed = 2,

    /// <summary>RMPUPDATE refused; a split made before stays.</summary>
    UpdateFailed = 3,

    /// <summary>The page is not RAM, or a 2 MiB page is not aligned or does not end in RAM (-EINVAL in the step before the update, -EFAULT
    /// to the caller); nothing was touched.</summary>
    NotRam = 4,
}
