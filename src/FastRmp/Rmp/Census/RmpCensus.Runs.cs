using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp;

/// <content>
/// How many entries in a row have equal low quadwords, but for some bits. The short runs of a mixed region end before vectors begin; the
/// long ones of free memory, firmware and guests are seen four loads a step. To be deleted when a scalar loop of the JIT's own vectorising
/// is as fast.
/// </content>
public sealed partial class RmpCensus
{
    private const int ScalarEntries = 4;

    /// <summary>The length of the run that the first entry begins.</summary>
    /// <param name="words">Two words an entry; at least one entry.</param>
    /// <param name="pattern">The low quadword of the first.</param>
    /// <param name="mask">The bits that count.</param>
    /// <returns>Entries, at least one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int RunLength(ReadOnlySpan<ulong> words, ulong pattern, ulong mask)
    {
        int start = RunLengthScalar(words[..Math.Min(words.Length, 2 * ScalarEntries)], pattern, mask);
        if (start < ScalarEntries) return start;
        if (Vector512.IsHardwareAccelerated) return start + RunLength512(words[(2 * start)..], pattern, mask);
        if (Vector256.IsHardwareAccelerated) return start + RunLength256(words[(2 * start)..], pattern, mask);
        if (Vector128.IsHardwareAccelerated) return start + RunLength128(words[(2 * start)..], pattern, mask);
        return start + RunLengthScalar(words[(2 * start)..], pattern, mask);
    }

    // The simple version: reference, tail, and the version for machines without vectors.
    internal static int RunLengthScalar(ReadOnlySpan<ulong> words, ulong pattern, ulong mask)
    {
        int i = 0;
        while (i < words.Length && ((words[i] ^ pattern) & mask) == 0)
        {
            i += 2;
        }

        return i / 2;
    }

    internal static int RunLength512(ReadOnlySpan<ulong> words, ulong pattern, ulong mask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector512<ulong> wanted = Vector512.Create(pattern);
        Vector512<ulong> counts = Vector512.Create(mask, 0, mask, 0, mask, 0, mask, 0); // odd lanes hold high quadwords
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + step <= end; i += step)
        {
            Vector512<ulong> differ = (Vector512.LoadUnsafe(ref first, i) ^ wanted) | (Vector512.LoadUnsafe(ref first, i + lanes) ^ wanted)
                | (Vector512.LoadUnsafe(ref first, i + (2 * lanes)) ^ wanted) | (Vector512.LoadUnsafe(ref first, i + (3 * lanes)) ^ wanted);
            if ((differ & counts) != Vector512<ulong>.Zero) break;
        }

        for (; i + lanes <= end; i += lanes)
        {
            Vector512<ulong> differ = (Vector512.LoadUnsafe(ref first, i) ^ wanted) & counts;
            if (differ == Vector512<ulong>.Zero) continue;
            uint equal = (uint)Vector512.Equals(differ, Vector512<ulong>.Zero).ExtractMostSignificantBits();
            return ((int)i + BitOperations.TrailingZeroCount(~equal)) / 2;
        }

        return ((int)i / 2) + RunLengthScalar(words[(int)i..], pattern, mask);
    }

    internal static int RunLength256(ReadOnlySpan<ulong> words, ulong pattern, ulong mask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector256<ulong> wanted = Vector256.Create(pattern);
        Vector256<ulong> counts = Vector256.Create(mask, 0, mask, 0);
        nuint lanes = (nuint)Vector256<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + step <= end; i += step)
        {
            Vector256<ulong> differ = (Vector256.LoadUnsafe(ref first, i) ^ wanted) | (Vector256.LoadUnsafe(ref first, i + lanes) ^ wanted)
                | (Vector256.LoadUnsafe(ref first, i + (2 * lanes)) ^ wanted) | (Vector256.LoadUnsafe(ref first, i + (3 * lanes)) ^ wanted);
            if ((differ & counts) != Vector256<ulong>.Zero) break;
        }

        return ((int)i / 2) + RunLengthScalar(words[(int)i..], pattern, mask);
    }

    internal static int RunLength128(ReadOnlySpan<ulong> words, ulong pattern, ulong mask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector128<ulong> wanted = Vector128.Create(pattern);
        Vector128<ulong> counts = Vector128.Create(mask, 0);
        nuint lanes = (nuint)Vector128<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + step <= end; i += step)
        {
            Vector128<ulong> differ = (Vector128.LoadUnsafe(ref first, i) ^ wanted) | (Vector128.LoadUnsafe(ref first, i + lanes) ^ wanted)
                | (Vector128.LoadUnsafe(ref first, i + (2 * lanes)) ^ wanted) | (Vector128.LoadUnsafe(ref first, i + (3 * lanes)) ^ wanted);
            if ((differ & counts) != Vector128<ulong>.Zero) break;
        }

        return ((int)i / 2) + RunLengthScalar(words[(int)i..], pattern, mask);
    }
}
