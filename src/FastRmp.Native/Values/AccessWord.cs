using System.Runtime.CompilerServices;

namespace FastRmp.Native;

/// <summary>What an access does, in one word: its kind in [1:0], user mode in 2, RFLAGS.AC in 3, a shadow stack in 4, and in 8 whether
/// Accessed and Dirty bits are set.</summary>
internal static class AccessWord
{
    /// <summary>Whether the walk sets Accessed and Dirty bits.</summary>
    internal const uint Updates = 1U << 8;

    private const uint KindMask = 3;
    private const uint UserBit = 1U << 2;
    private const uint AlignmentCheckBit = 1U << 3;
    private const uint ShadowStackBit = 1U << 4;
    private const uint Defined = KindMask | UserBit | AlignmentCheckBit | ShadowStackBit | Updates;

    /// <summary>Whether it is an access without RFLAGS.AC that touches no shadow stack and sets no bits.</summary>
    /// <param name="word">The word.</param>
    /// <returns>Whether.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsSimple(uint word) => (word & ~UserBit) <= (uint)AccessKind.Fetch;

    /// <summary>The access of a word that <see cref="IsSimple"/>.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The access.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static MemoryAccess Simple(uint word) => new((AccessKind)(word & KindMask), (word & UserBit) != 0);

    /// <summary>Takes the word apart.</summary>
    /// <param name="word">The word.</param>
    /// <param name="access">The access.</param>
    /// <returns>False if there is no such kind, or a bit is set that means nothing.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryDecode(uint word, out MemoryAccess access)
    {
        access = new MemoryAccess(
            (AccessKind)(word & KindMask), (word & UserBit) != 0, (word & AlignmentCheckBit) != 0, (word & ShadowStackBit) != 0);
        return (word & ~Defined) == 0 && (word & KindMask) <= (uint)AccessKind.Fetch;
    }
}
