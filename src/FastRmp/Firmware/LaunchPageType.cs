namespace FastRmp.Firmware;

/// <summary>What kind of page SNP_LAUNCH_UPDATE takes in.</summary>
public enum LaunchPageType : byte
{
    /// <summary>No type: INVALID_PARAM.</summary>
    None = 0,

    /// <summary>PAGE_TYPE_NORMAL: encrypted and measured.</summary>
    Normal = 1,

    /// <summary>PAGE_TYPE_VMSA: the save area of a virtual CPU; 4 KiB only.</summary>
    Vmsa = 2,

    /// <summary>PAGE_TYPE_ZERO: becomes zero.</summary>
    Zero = 3,

    /// <summary>PAGE_TYPE_UNMEASURED: encrypted, not measured.</summary>
    Unmeasured = 4,

    /// <summary>PAGE_TYPE_SECRETS: firmware writes the guest's secrets; 4 KiB only.</summary>
    Secrets = 5,

    /// <summary>PAGE_TYPE_CPUID: CPUID values that firmware checks; 4 KiB only. Here it finds nothing to correct.</summary>
    Cpuid = 6,
}
