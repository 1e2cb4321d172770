namespace FastRmp;

/// <summary>Control register CR4, as far as paging depends on it.</summary>
/// <remarks>Only the bits that paging depends on are named; the others are declared reserved here whatever they mean to the
/// processor.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 3.1.3")]
[Reserved(3, 0)]
[Reserved(6)]
[Reserved(11, 8)]
[Reserved(16, 13)]
[Reserved(19, 18)]
[Reserved(63, 25)]
internal readonly partial struct Cr4
{
    /// <summary>PSE; without meaning in long mode.</summary>
    [Bits(4)] public partial bool PageSizeExtensions { get; init; }

    /// <summary>PAE; 1 in long mode.</summary>
    [Bits(5)] public partial bool PhysicalAddressExtensions { get; init; }

    /// <summary>PGE.</summary>
    [Bits(7)] public partial bool GlobalPages { get; init; }

    /// <summary>LA57: five-level paging.</summary>
    [Bits(12)] public partial bool La57 { get; init; }

    /// <summary>PCIDE.</summary>
    [Bits(17)] public partial bool ProcessContextIds { get; init; }

    /// <summary>SMEP: supervisor fetches from user pages fault.</summary>
    [Bits(20)] public partial bool Smep { get; init; }

    /// <summary>SMAP: supervisor data accesses to user pages fault unless allowed.</summary>
    [Bits(21)] public partial bool Smap { get; init; }

    /// <summary>PKE: data accesses to user pages obey PKRU.</summary>
    [Bits(22)] public partial bool ProtectionKeys { get; init; }

    /// <summary>CET: control-flow enforcement, and with it shadow-stack accesses; needs CR0.WP.</summary>
    [Bits(23)] public partial bool ControlFlowEnforcement { get; init; }

    /// <summary>PKS: data accesses to supervisor pages obey PKRS; Intel only.</summary>
    [Bits(24)] public partial bool SupervisorProtectionKeys { get; init; }
}
