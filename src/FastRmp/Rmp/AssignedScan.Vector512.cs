using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>The rung of 512-bit vectors: 4 entries a load, four loads a step.</content>
public static partial class AssignedScan
{
    // Odd lanes hold high quadwords, in which bit 0 is a VMPL permission and no Assigned.
    private static Vector512<ulong> Assigned512 => Vector512.Create(RmpEntry.AssignedMask, 0, RmpEntry.AssignedMask, 0, RmpEntry.AssignedMask, 0, RmpEntry.AssignedMask, 0);

    internal static bool Any512(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint step = 4 * lanes;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + step <= end; i += step)
        {
            Vector512<ulong> seen = Vector512.LoadUnsafe(ref first, i) | Vector512.LoadUnsafe(ref first, i + lanes)
                | Vector512.LoadUnsafe(ref first, i + (2 * lanes)) | Vector512.LoadUnsafe(ref first, i + (3 * lanes));
            if ((seen & Assigned512) != Vector512<ulong>.Zero) return true;
        }

        return AnyScalar(words[(int)i..]);
    }

    internal static int IndexOfFirst512(ReadOnlySpan<ulong> words)
    {
        ref ulong first = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint end = (nuint)words.Length;
        nuint i = 0;
        for (; i + lanes <= end; i += lanes)
        {
            Vector512<ulong> hit = Vector512.LoadUnsafe(ref first, i) & Assigned512;
            if (hit != Vector512<ulong>.Zero)
            {
                uint laneMask = (uint)Vector512.Equals(hit, Assigned512).ExtractMostSignificantBits() & EvenLanes;
                return FirstEntry((int)i, laneMask);
            }
        }

        return TailIndex(words, (int)i);
    }

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
            even += (Vector512.LoadUnsafe(ref first, i) & Assigned512) + (Vector512.LoadUnsafe(ref first, i + lanes) & Assigned512);
            odd += (Vector512.LoadUnsafe(ref first, i + (2 * lanes)) & Assigned512) + (Vector512.LoadUnsafe(ref first, i + (3 * lanes)) & Assigned512);
        }

        return (int)Vector512.Sum(even + odd) + CountScalar(words[(int)i..]);
    }
}
