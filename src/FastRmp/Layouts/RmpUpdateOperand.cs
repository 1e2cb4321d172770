namespace FastRmp;

/// <summary>The 16 bytes that RMPUPDATE takes from memory: the state that a page shall have.</summary>
/// <remarks>Reserved bits must be zero.</remarks>
[BitLayout(128, Source = "AMD64 APM vol. 3, RMPUPDATE")]
[Reserved(71, 65)]
[Reserved(79, 73)]
[Reserved(95, 81)]
public readonly partial struct RmpUpdateOperand
{
    /// <summary>Guest physical address, byte address; the processor keeps what its mask lets through.</summary>
    [Bits(63, 0)] public partial ulong Gpa { get; init; }

    /// <summary>Assign the page (1) or give it back to the hypervisor (0).</summary>
    [Bits(64)] public partial bool Assigned { get; init; }

    /// <summary>Size of the RMP page.</summary>
    [Bits(72)] public partial PageSize PageSize { get; init; }

    /// <summary>No later RMPUPDATE may change the entry.</summary>
    [Bits(80)] public partial bool Immutable { get; init; }

    /// <summary>Owner; 0 for firmware pages.</summary>
    [Bits(127, 96)] public partial uint Asid { get; init; }
}
