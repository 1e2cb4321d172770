namespace FastRmp;

/// <summary>Control register CR0, as far as paging depends on it.</summary>
/// <remarks>Only the bits that paging depends on are named; the others are declared reserved here whatever they mean to the
/// processor.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 3.1.1")]
[Reserved(15, 1)]
[Reserved(30, 17)]
[Reserved(63, 32)]
internal readonly partial struct Cr0
{
    /// <summary>PE: protected mode.</summary>
    [Bits(0)] public partial bool ProtectedMode { get; init; }

    /// <summary>WP: supervisor writes obey R/W = 0.</summary>
    [Bits(16)] public partial bool WriteProtect { get; init; }

    /// <summary>PG: paging.</summary>
    [Bits(31)] public partial bool Paging { get; init; }
}
