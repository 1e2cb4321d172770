namespace FastRmp;

/// <summary>RCX of RMPOPT.</summary>
public enum RmpOptFunction : byte
{
    /// <summary>Look at all entries of the region; if none is assigned, skip its checks from now on. CF reports whether.</summary>
    VerifyAndReport = 0,

    /// <summary>CF reports whether the checks of the region are being skipped.</summary>
    Report = 1,
}
