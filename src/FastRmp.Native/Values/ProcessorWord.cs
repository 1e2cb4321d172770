using System.Runtime.CompilerServices;

namespace FastRmp.Native;

/// <summary>The executing processor in one word: CPL in [1:0], VMPL in [3:2], 64-bit mode in 8, SYSCFG.SNP_EN in 9, an SNP guest in 10,
/// the ASID in [63:32].</summary>
internal static class ProcessorWord
{
    /// <summary>FRMP_CPU_HOST: a processor that may execute the host's instructions.</summary>
    internal const ulong Host = LongModeBit | SnpBit;

    /// <summary>Where the ASID begins.</summary>
    internal const int AsidShift = 32;

    private const ulong Defined = 0xFFFF_FFFF_0000_070FUL;
    private const int VmplShift = 2;
    private const ulong LongModeBit = 1UL << 8;
    private const ulong SnpBit = 1UL << 9;
    private const ulong SnpGuestBit = 1UL << 10;
    private const ulong PrivilegeMask = 3;

    /// <summary>Whether it is the kernel of an SNP guest at VMPL 0, in 64-bit mode: no guest's instruction is refused to it.</summary>
    /// <param name="word">The word.</param>
    /// <returns>Whether.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsGuestKernel(ulong word) => (uint)word == (LongModeBit | SnpBit | SnpGuestBit) && word >> AsidShift != 0;

    /// <summary>Takes the word apart.</summary>
    /// <param name="word">The word.</param>
    /// <param name="state">The processor.</param>
    /// <returns>False if a bit is set that means nothing.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDecode(ulong word, out ExecutionState state)
    {
        state = new ExecutionState(
            (word & LongModeBit) != 0, (byte)(word & PrivilegeMask), (uint)(word >> AsidShift), (word & SnpBit) != 0,
            (byte)((word >> VmplShift) & PrivilegeMask), (word & SnpGuestBit) != 0);
        return (word & ~Defined) == 0;
    }
}
