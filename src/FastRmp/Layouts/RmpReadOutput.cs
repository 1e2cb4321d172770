namespace FastRmp;

/// <summary>The 16 bytes that RMPREAD writes: what the architecture discloses of an entry.</summary>
/// <remarks>Validated, VMSA, the lock, the VMPL masks and the exact count are not disclosed.</remarks>
[BitLayout(128, Source = "AMD64 APM vol. 2, 15.36, RMPREAD")]
[Reserved(71, 65)]
[Reserved(79, 74)]
[Reserved(95, 81)]
public readonly partial struct RmpReadOutput
{
    /// <summary>Guest physical address, byte address.</summary>
    [Bits(63, 0)] public partial ulong Gpa { get; init; }

    /// <summary>The page is not the hypervisor's.</summary>
    [Bits(64)] public partial bool Assigned { get; init; }

    /// <summary>Size of the RMP page.</summary>
    [Bits(72)] public partial PageSize PageSize { get; init; }

    /// <summary>2MB_Region_Status: for a 2 MiB-aligned page, whether any other page of its region is assigned.</summary>
    [Bits(73)] public partial bool RegionStatus { get; init; }

    /// <summary>RMPUPDATE refuses to change the entry.</summary>
    [Bits(80)] public partial bool Immutable { get; init; }

    /// <summary>Owner.</summary>
    [Bits(127, 96)] public partial uint Asid { get; init; }
}
