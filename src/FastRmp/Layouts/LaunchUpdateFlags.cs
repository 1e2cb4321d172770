namespace FastRmp;

/// <summary>The flags of SNP_LAUNCH_UPDATE's command buffer, bytes 8 to 15.</summary>
[BitLayout(64, Source = "Linux include/linux/psp-sev.h")]
[Reserved(63, 5)]
internal readonly partial struct LaunchUpdateFlags
{
    /// <summary>PAGE_SIZE.</summary>
    [Bits(0)] public partial PageSize Size { get; init; }

    /// <summary>PAGE_TYPE.</summary>
    [Bits(3, 1)] public partial byte Type { get; init; }

    /// <summary>IMI_PAGE.</summary>
    [Bits(4)] public partial bool IsMigrationImage { get; init; }
}
