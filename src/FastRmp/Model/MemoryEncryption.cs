namespace FastRmp;

/// <summary>Memory encryption as paging sees it: the C-bit, which is not an address bit, and a narrower physical address.
/// Immutable.</summary>
/// <param name="Bit">Position of the C-bit in paging entries and CR3, 32 to 51 (CPUID Fn8000_001F EBX[5:0]); 51 on Zen 3 and Zen 4.</param>
/// <param name="AddressReduction">By how many bits the physical-address width shrinks, 0 to 63 (CPUID Fn8000_001F EBX[11:6]); bits from the
/// reduced width to 51, the C-bit excepted, are reserved.</param>
/// <remarks>AMD64 APM vol. 2, 7.10. The bit selects encryption of the page or table; it is stripped from every address that a walk takes
/// from an entry or from CR3.</remarks>
public readonly record struct MemoryEncryption(int Bit, int AddressReduction = 0)
{
    /// <summary>What a processor declares.</summary>
    /// <param name="declared">CPUID Fn8000_001F EBX.</param>
    /// <returns>Position and reduction, not checked; <see cref="Paging.PagingState"/> refuses invalid ones.</returns>
    public static MemoryEncryption FromCpuid(uint declared) =>
        new(new SnpLimits(declared).EncryptionBit, new SnpLimits(declared).AddressReduction);
}
