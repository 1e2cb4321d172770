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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    internal static bool AnyInStreams128(ReadOnlySpan<ulong> words, ulong mask = RmpEntry.AssignedMask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector128<ulong> wanted = LowQuadwords128 & Vector128.Create(mask);
        nuint part = (nuint)words.Length / Streams;
        nuint step = 4 * (nuint)Vector128<ulong>.Count;
        for (nuint i = 0; i < part; i += step)
        {
            Vector128<ulong> seen = Step128(ref first, i) | Step128(ref first, part + i)
                | Step128(ref first, (2 * part) + i) | Step128(ref first, (3 * part) + i);
            if ((seen & wanted) != Vector128<ulong>.Zero) return true;
        }

        return false;
    }

    internal static int CountInStreams128(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint part = (nuint)words.Length / Streams;
        nuint step = 2 * (nuint)Vector128<ulong>.Count;
        Vector128<ulong> even = Vector128<ulong>.Zero;
        Vector128<ulong> odd = Vector128<ulong>.Zero;
        for (nuint i = 0; i < part; i += step)
        {
            even += AssignedAt128(ref first, i) + AssignedAt128(ref first, part + i);
            odd += AssignedAt128(ref first, (2 * part) + i) + AssignedAt128(ref first, (3 * part) + i);
        }

        return (int)Vector128.Sum(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Step128(ref ulong first, nuint at)
    {
        nuint lanes = (nuint)Vector128<ulong>.Count;
        return Vector128.LoadUnsafe(ref first, at) | Vector128.LoadUnsafe(ref first, at + lanes)
            | Vector128.LoadUnsafe(ref first, at + (2 * lanes)) | Vector128.LoadUnsafe(ref first, at + (3 * lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> AssignedAt128(ref ulong first, nuint at) =>
        AddAssigned(Vector128.LoadUnsafe(ref first, at), Vector128.LoadUnsafe(ref first, at + (nuint)Vector128<ulong>.Count));
}
