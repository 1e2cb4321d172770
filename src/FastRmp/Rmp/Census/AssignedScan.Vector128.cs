using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp;

/// <content>The version for 128-bit vectors: 1 entry a load, four loads a step.</content>
public static partial class AssignedScan
{
    // Odd lanes hold high quadwords, in which bit 0 is a VMPL permission and no Assigned.
    private static Vector128<ulong> Assigned128
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create(RmpEntry.AssignedMask, 0);
    }

    private static Vector128<ulong> LowQuadwords128
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create(ulong.MaxValue, 0);
    }

    internal static bool Any128(ReadOnlySpan<ulong> words, ulong mask = RmpEntry.AssignedMask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector128<ulong> wanted = LowQuadwords128 & Vector128.Create(mask);
        nuint lanes = (nuint)Vector128<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + step <= end; i += step)
        {
            Vector128<ulong> seen = Vector128.LoadUnsafe(ref first, i) | Vector128.LoadUnsafe(ref first, i + lanes)
                | Vector128.LoadUnsafe(ref first, i + (2 * lanes)) | Vector128.LoadUnsafe(ref first, i + (3 * lanes));
            if ((seen & wanted) != Vector128<ulong>.Zero) return true;
        }

        return i < end && AnyScalar(words[(int)i..], mask);
    }

    internal static int IndexOfFirst128(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector128<ulong> assigned = Assigned128;
        nuint lanes = (nuint)Vector128<ulong>.Count;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + lanes <= end; i += lanes)
        {
            Vector128<ulong> hit = Vector128.LoadUnsafe(ref first, i) & assigned;
            if (hit != Vector128<ulong>.Zero)
            {
                uint laneMask = (uint)Vector128.Equals(hit, assigned).ExtractMostSignificantBits() & EvenLanes;
                return FirstEntry((int)i, laneMask);
            }
        }

        return TailIndex(words, (int)i);
    }

    internal static int Count128(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector128<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        Vector128<ulong> even = Vector128<ulong>.Zero;
        Vector128<ulong> odd = Vector128<ulong>.Zero;
        for (; i + step <= end; i += step)
        {
            even += AddAssigned(Vector128.LoadUnsafe(ref first, i), Vector128.LoadUnsafe(ref first, i + lanes));
            odd += AddAssigned(Vector128.LoadUnsafe(ref first, i + (2 * lanes)), Vector128.LoadUnsafe(ref first, i + (3 * lanes)));
        }

        int count = (int)Vector128.Sum(even + odd);
        return i < end ? count + CountScalar(words[(int)i..]) : count;
    }
}
