using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp;

/// <content>The version for 512-bit vectors: 4 entries a load, four loads a step.</content>
public static partial class AssignedScan
{
    // Odd lanes hold high quadwords, in which bit 0 is a VMPL permission and no Assigned.
    private static Vector512<ulong> Assigned512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(RmpEntry.AssignedMask, 0, RmpEntry.AssignedMask, 0, RmpEntry.AssignedMask, 0, RmpEntry.AssignedMask, 0);
    }

    private static Vector512<ulong> LowQuadwords512
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0, ulong.MaxValue, 0);
    }

    internal static bool Any512(ReadOnlySpan<ulong> words, ulong mask = RmpEntry.AssignedMask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector512<ulong> wanted = LowQuadwords512 & Vector512.Create(mask);
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + step <= end; i += step)
        {
            Vector512<ulong> seen = Vector512.LoadUnsafe(ref first, i) | Vector512.LoadUnsafe(ref first, i + lanes)
                | Vector512.LoadUnsafe(ref first, i + (2 * lanes)) | Vector512.LoadUnsafe(ref first, i + (3 * lanes));
            if ((seen & wanted) != Vector512<ulong>.Zero) return true;
        }

        return i < end && AnyScalar(words[(int)i..], mask);
    }

    internal static int IndexOfFirst512(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector512<ulong> assigned = Assigned512;
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + lanes <= end; i += lanes)
        {
            Vector512<ulong> hit = Vector512.LoadUnsafe(ref first, i) & assigned;
            if (hit != Vector512<ulong>.Zero)
            {
                uint laneMask = (uint)Vector512.Equals(hit, assigned).ExtractMostSignificantBits() & EvenLanes;
                return FirstEntry((int)i, laneMask);
            }
        }

        return TailIndex(words, (int)i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Count512(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        Vector512<ulong> even = Vector512<ulong>.Zero;
        Vector512<ulong> odd = Vector512<ulong>.Zero;
        for (; i + step <= end; i += step)
        {
            even += AddAssigned(Vector512.LoadUnsafe(ref first, i), Vector512.LoadUnsafe(ref first, i + lanes));
            odd += AddAssigned(Vector512.LoadUnsafe(ref first, i + (2 * lanes)), Vector512.LoadUnsafe(ref first, i + (3 * lanes)));
        }

        int count = (int)Vector512.Sum(even + odd);
        return i < end ? count + CountScalar(words[(int)i..]) : count;
    }

    internal static bool AnyInStreams512(ReadOnlySpan<ulong> words, ulong mask = RmpEntry.AssignedMask)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        Vector512<ulong> wanted = LowQuadwords512 & Vector512.Create(mask);
        nuint part = (nuint)words.Length / Streams;
        nuint step = 4 * (nuint)Vector512<ulong>.Count;
        for (nuint i = 0; i < part; i += step)
        {
            Vector512<ulong> seen = Step512(ref first, i) | Step512(ref first, part + i)
                | Step512(ref first, (2 * part) + i) | Step512(ref first, (3 * part) + i);
            if ((seen & wanted) != Vector512<ulong>.Zero) return true;
        }

        return false;
    }

    internal static int CountInStreams512(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint part = (nuint)words.Length / Streams;
        nuint step = 2 * (nuint)Vector512<ulong>.Count;
        Vector512<ulong> even = Vector512<ulong>.Zero;
        Vector512<ulong> odd = Vector512<ulong>.Zero;
        for (nuint i = 0; i < part; i += step)
        {
            even += AssignedAt512(ref first, i) + AssignedAt512(ref first, part + i);
            odd += AssignedAt512(ref first, (2 * part) + i) + AssignedAt512(ref first, (3 * part) + i);
        }

        return (int)Vector512.Sum(even + odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Step512(ref ulong first, nuint at)
    {
        nuint lanes = (nuint)Vector512<ulong>.Count;
        return Vector512.LoadUnsafe(ref first, at) | Vector512.LoadUnsafe(ref first, at + lanes)
            | Vector512.LoadUnsafe(ref first, at + (2 * lanes)) | Vector512.LoadUnsafe(ref first, at + (3 * lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> AssignedAt512(ref ulong first, nuint at) =>
        AddAssigned(Vector512.LoadUnsafe(ref first, at), Vector512.LoadUnsafe(ref first, at + (nuint)Vector512<ulong>.Count));
}
