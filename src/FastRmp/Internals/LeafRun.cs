using System;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace FastRmp.Internals;

/// <summary>Paging entries that map consecutive frames with the same flags: each is the one before plus the page size.</summary>
/// <remarks>
/// A table of 512 is filled at each split and compared at each join of the direct map: by vectors the pair takes a quarter of the time, and
/// on a Zen 5 with 512 bits three quarters of what it takes with 256. The scalar forms define the result; they handle the tail and machines
/// without such vectors. To be deleted when the JIT vectorises them.
/// </remarks>
internal static class LeafRun
{
    /// <summary>Writes a run.</summary>
    /// <param name="words">Receives the entries.</param>
    /// <param name="first">The first entry.</param>
    /// <param name="step">What each adds.</param>
    internal static void Fill(Span<ulong> words, ulong first, ulong step)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Fill512(words, first, step);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Fill256(words, first, step);
        }
        else
        {
            FillScalar(words, first, step);
        }
    }

    /// <summary>Whether entries are a run, but for some bits that may differ.</summary>
    /// <param name="words">The entries.</param>
    /// <param name="ignored">The bits that may differ; clear in <paramref name="first"/>, not reached by sums with
    /// <paramref name="step"/>.</param>
    /// <param name="first">What the first entry shall be without them.</param>
    /// <param name="step">What each adds.</param>
    /// <returns>Whether all entries fit.</returns>
    internal static bool Is(ReadOnlySpan<ulong> words, ulong ignored, ulong first, ulong step) =>
        Vector512.IsHardwareAccelerated ? Is512(words, ignored, first, step)
        : Vector256.IsHardwareAccelerated ? Is256(words, ignored, first, step)
        : IsScalar(words, ignored, first, step);

    internal static void Fill512(Span<ulong> words, ulong first, ulong step)
    {
        ref ulong start = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint end = (nuint)words.Length & ~((2 * lanes) - 1);
        Vector512<ulong> even = Vector512.Create(first) + (Vector512.Create(step) * Vector512<ulong>.Indices);
        Vector512<ulong> odd = even + Vector512.Create(8 * step);
        Vector512<ulong> stride = Vector512.Create(16 * step);
        for (nuint i = 0; i < end; i += 2 * lanes)
        {
            even.StoreUnsafe(ref start, i);
            odd.StoreUnsafe(ref start, i + lanes);
            even += stride;
            odd += stride;
        }

        FillScalar(words[(int)end..], first + ((ulong)end * step), step);
    }

    internal static void Fill256(Span<ulong> words, ulong first, ulong step)
    {
        ref ulong start = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector256<ulong>.Count;
        nuint end = (nuint)words.Length & ~((2 * lanes) - 1);
        Vector256<ulong> even = Vector256.Create(first, first + step, first + (2 * step), first + (3 * step));
        Vector256<ulong> odd = even + Vector256.Create(4 * step);
        Vector256<ulong> stride = Vector256.Create(8 * step);
        for (nuint i = 0; i < end; i += 2 * lanes)
        {
            even.StoreUnsafe(ref start, i);
            odd.StoreUnsafe(ref start, i + lanes);
            even += stride;
            odd += stride;
        }

        FillScalar(words[(int)end..], first + ((ulong)end * step), step);
    }

    internal static void FillScalar(Span<ulong> words, ulong first, ulong step)
    {
        foreach (ref ulong word in words)
        {
            word = first;
            first += step;
        }
    }

    internal static bool Is512(ReadOnlySpan<ulong> words, ulong ignored, ulong first, ulong step)
    {
        ref ulong start = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector512<ulong>.Count;
        nuint end = (nuint)words.Length & ~((2 * lanes) - 1);
        Vector512<ulong> even = Vector512.Create(first) + (Vector512.Create(step) * Vector512<ulong>.Indices);
        Vector512<ulong> odd = even + Vector512.Create(8 * step);
        Vector512<ulong> stride = Vector512.Create(16 * step);
        Vector512<ulong> any = Vector512<ulong>.Zero;
        for (nuint i = 0; i < end; i += 2 * lanes)
        {
            any |= (Vector512.LoadUnsafe(ref start, i) ^ even) | (Vector512.LoadUnsafe(ref start, i + lanes) ^ odd);
            even += stride;
            odd += stride;
        }

        return (any & ~Vector512.Create(ignored)) == Vector512<ulong>.Zero
            && IsScalar(words[(int)end..], ignored, first + ((ulong)end * step), step);
    }

    internal static bool Is256(ReadOnlySpan<ulong> words, ulong ignored, ulong first, ulong step)
    {
        ref ulong start = ref MemoryMarshal.GetReference(words);
        nuint lanes = (nuint)Vector256<ulong>.Count;
        nuint end = (nuint)words.Length & ~((2 * lanes) - 1);
        Vector256<ulong> even = Vector256.Create(first, first + step, first + (2 * step), first + (3 * step));
        Vector256<ulong> odd = even + Vector256.Create(4 * step);
        Vector256<ulong> stride = Vector256.Create(8 * step);
        Vector256<ulong> any = Vector256<ulong>.Zero;
        for (nuint i = 0; i < end; i += 2 * lanes)
        {
            any |= (Vector256.LoadUnsafe(ref start, i) ^ even) | (Vector256.LoadUnsafe(ref start, i + lanes) ^ odd);
            even += stride;
            odd += stride;
        }

        return (any & ~Vector256.Create(ignored)) == Vector256<ulong>.Zero
            && IsScalar(words[(int)end..], ignored, first + ((ulong)end * step), step);
    }

    internal static bool IsScalar(ReadOnlySpan<ulong> words, ulong ignored, ulong first, ulong step)
    {
        ulong any = 0; // bits in which an entry differs from what it shall be
        foreach (ulong word in words)
        {
            any |= word ^ first;
            first += step;
        }

        return (any & ~ignored) == 0;
    }
}
