using FastRmp.Addressing;

namespace FastRmp.Layouts;

/// <summary>RMPOPT_BASE, MSR C001_0139: where a core's 2 TiB of RMPOPT begin.</summary>
[BitLayout(64, Source = "AMD document 69201, RMPOPT")]
[Reserved(29, 1)]
[Reserved(63, 52)]
public readonly partial struct RmpOptBase
{
    /// <summary>Whether RMPOPT is enabled on the core.</summary>
    [Bits(0)] public partial bool Enable { get; }

    /// <summary>Address of the first 1 GiB region.</summary>
    [AddressBits(51, 30)] public partial PhysicalAddress Base { get; }
}
