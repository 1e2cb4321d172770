namespace FastRmp;

/// <summary>The flags of SNP_LAUNCH_START's command buffer, bytes 24 to 27, kept in 64 bits.</summary>
[BitLayout(64, Source = "Linux include/linux/psp-sev.h")]
[Reserved(63, 2)]
internal readonly partial struct LaunchStartFlags
{
    /// <summary>MA_EN.</summary>
    [Bits(0)] public partial bool HasMigrationAgent { get; init; }

    /// <summary>IMI_EN.</summary>
    [Bits(1)] public partial bool IsMigrationImage { get; init; }
}
