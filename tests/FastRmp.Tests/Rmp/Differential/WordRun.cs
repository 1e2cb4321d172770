using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// Whether two runs of words are the same. Half of the time of the tests is spent here: the library's own method, compiled ahead of time
/// and so for narrower vectors, takes twice as long.
/// </summary>
internal static class WordRun
{
    public static bool AreEqual(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(left.Length, right.Length);
        ref ulong one = ref MemoryMarshal.GetReference(left);
        ref ulong other = ref MemoryMarshal.GetReference(right);
        nuint length = (nuint)left.Length;
        nuint i = 0;
        for (; i + 32 <= length; i += 32)
        {
            Vector512<ulong> first = Vector512.LoadUnsafe(ref one, i) ^ Vector512.LoadUnsafe(ref other, i);
            Vector512<ulong> second = Vector512.LoadUnsafe(ref one, i + 8) ^ Vector512.LoadUnsafe(ref other, i + 8);
            Vector512<ulong> third = Vector512.LoadUnsafe(ref one, i + 16) ^ Vector512.LoadUnsafe(ref other, i + 16);
            Vector512<ulong> fourth = Vector512.LoadUnsafe(ref one, i + 24) ^ Vector512.LoadUnsafe(ref other, i + 24);
            if ((first | second | third | fourth) != Vector512<ulong>.Zero) return false;
        }

        return left[(int)i..].SequenceEqual(right[(int)i..]);
    }
}
