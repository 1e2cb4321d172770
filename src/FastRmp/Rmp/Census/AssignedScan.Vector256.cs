using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp;

/// <content>The version for 256-bit vectors: 2 entries a load, four loads a step.</content>
public static partial class AssignedScan
{
    // Odd lanes hold high quadwords, in which bit 0 is a VMPL permission and no Assigned.
    private static Vector256<ulong> Assigned256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(RmpEntry.AssignedMask, 0, RmpEntry.AssignedMask, 0);
    }

    private static Vector256<ulong> LowQuadwords256
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Create(ulong.MaxValue, 0, ulong.MaxValue, 0);
    }

    internal static bool Any256(ReadOnlySpan<ulong> words, ulong mask = RmpEntry.AssignedMask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector256<ulong> wanted = LowQuadwords256 & Vector256.Create(mask);
        nuint lanes = (nuint)Vector256<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + step <= end; i += step)
        {
            Vector256<ulong> seen = Vector256.LoadUnsafe(ref first, i) | Vector256.LoadUnsafe(ref first, i + lanes)
                | Vector256.LoadUnsafe(ref first, i + (2 * lanes)) | Vector256.LoadUnsafe(ref first, i + (3 * lanes));
            if ((seen & wanted) != Vector256<ulong>.Zero) return true;
        }

        return i < end && AnyScalar(words[(int)i..], mask);
    }

    internal static int IndexOfFirst256(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector256<ulong> assigned = Assigned256;
        nuint lanes = (nuint)Vector256<ulong>.Count;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + lanes <= end; i += lanes)
        {
            Vector256<ulong> hit = Vector256.LoadUnsafe(ref first, i) & assigned;
            if (hit != Vector256<ulong>.Zero)
            {
                uint laneMask = (uint)Vector256.Equals(hit, assigned).ExtractMostSignificantBits() & EvenLanes;
                return FirstEntry((int)i, laneMask);
            }
        }

        return TailIndex(words, (int)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Count256(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector256<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        Vector256<ulong> even = Vector256<ulong>.Zero;
        Vector256<ulong> odd = Vector256<ulong>.Zero;
        for (; i + step <= end; i += step)
        {
            even += AddAssigned(Vector256.LoadUnsafe(ref first, i), Vector256.LoadUnsafe(ref first, i + lanes));
            odd += AddAssigned(Vector256.LoadUnsafe(ref first, i + (2 * lanes)), Vector256.LoadUnsafe(ref first, i + (3 * lanes)));
        }

        int count = (int)Vector256.Sum(even + odd);
        return i < end ? count + CountScalar(words[(int)i..]) : count;
    }

    internal static bool AnyInStreams256(ReadOnlySpan<ulong> words, ulong mask = RmpEntry.AssignedMask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector256<ulong> wanted = LowQuadwords256 & Vector256.Create(mask);
        nuint part = (nuint)words.Length / Streams;
        nuint step = 4 * (nuint)Vector256<ulong>.Count;
        for (nuint i = 0; i < part; i += step)
        {
            Vector256<ulong> seen = Step256(ref first, i) | Step256(ref first, part + i)
                | Step256(ref first, (2 * part) + i) | Step256(ref first, (3 * part) + i);
            if ((seen & wanted) != Vector256<ulong>.Zero) return true;
        }

        return false;
    }

    internal static int CountInStreams256(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint part = (nuint)words.Length / Streams;
        nuint step = 2 * (nuint)Vector256<ulong>.Count;
        Vector256<ulong> even = Vector256<ulong>.Zero;
        Vector256<ulong> odd = Vector256<ulong>.Zero;
        for (nuint i = 0; i < part; i += step)
        {
            even += AssignedAt256(ref first, i) + AssignedAt256(ref first, part + i);
            odd += AssignedAt256(ref first, (2 * part) + i) + AssignedAt256(ref first, (3 * part) + i);
        }

        return (int)Vector256.Sum(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Step256(ref ulong first, nuint at)
    {
        nuint lanes = (nuint)Vector256<ulong>.Count;
        return Vector256.LoadUnsafe(ref first, at) | Vector256.LoadUnsafe(ref first, at + lanes)
            | Vector256.LoadUnsafe(ref first, at + (2 * lanes)) | Vector256.LoadUnsafe(ref first, at + (3 * lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> AssignedAt256(ref ulong first, nuint at) =>
        AddAssigned(Vector256.LoadUnsafe(ref first, at), Vector256.LoadUnsafe(ref first, at + (nuint)Vector256<ulong>.Count));
}
