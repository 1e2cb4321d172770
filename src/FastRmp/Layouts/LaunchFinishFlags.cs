namespace FastRmp;

/// <summary>The flags of SNP_LAUNCH_FINISH's command buffer, bytes 24 to 31.</summary>
[BitLayout(64, Source = "Linux include/linux/psp-sev.h")]
[Reserved(63, 3)]
internal readonly partial struct LaunchFinishFlags
{
    /// <summary>ID_BLOCK_EN.</summary>
    [Bits(0)] public partial bool HasIdBlock { get; init; }

    /// <summary>AUTH_KEY_EN.</summary>
    [Bits(1)] public partial bool HasAuthorKey { get; init; }

    /// <summary>VCEK_DIS.</summary>
    [Bits(2)] public partial bool DisablesVcek { get; init; }
}
