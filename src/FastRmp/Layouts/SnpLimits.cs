namespace FastRmp;

/// <summary>CPUID Fn8000_001F EBX: the C-bit and what memory encryption costs. A 32-bit register, kept in 64 bits.</summary>
/// <remarks>Bits [31:16] are declared reserved here whatever they mean to the processor.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.34-15.36; vol. 3, Fn8000_001F")]
[Reserved(63, 16)]
internal readonly partial struct SnpLimits
{
    /// <summary>Position of the C-bit in an address: 51 on Zen 3 and Zen 4.</summary>
    [Bits(5, 0)] public partial byte EncryptionBit { get; init; }

    /// <summary>Bits by which physical addresses shrink when memory encryption is on.</summary>
    [Bits(11, 6)] public partial byte AddressReduction { get; init; }

    /// <summary>Number of VM permission levels.</summary>
    [Bits(15, 12)] public partial byte Vmpls { get; init; }
}
