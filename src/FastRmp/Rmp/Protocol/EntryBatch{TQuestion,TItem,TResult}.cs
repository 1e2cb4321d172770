using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Internals;

namespace FastRmp;

/// <summary>
/// One question of many entries. Together, the entries of a later page are prefetched before the question of an earlier one is answered:
/// a processor overlaps the reads of independent questions by itself, but only until it has to wait for an entry to know where a branch
/// goes. Where the entries are in the cache the questions are answered one by one: see <see cref="BatchPace"/>.
/// </summary>
/// <typeparam name="TQuestion">The question.</typeparam>
/// <typeparam name="TItem">What names a page.</typeparam>
/// <typeparam name="TResult">The answer.</typeparam>
internal static class EntryBatch<TQuestion, TItem, TResult>
    where TQuestion : struct, IEntryQuestion<TItem, TResult>
{
    private const int Ahead = 32; // 16 leave a quarter of the gain, 64 add nothing
    private const int Sampled = 64; // each way; a question takes one to five nanoseconds, and to read the clock twenty
    private const int EnoughSamples = 256;

    internal static void Run(TQuestion question, ReadOnlySpan<TItem> items, Span<TResult> results)
    {
        if (results.Length < items.Length) Throw.ResultsTooShort(nameof(results), results.Length, items.Length);
        ref BatchPace pace = ref BatchPace.OfEntries;
        while (!items.IsEmpty)
        {
            int count = Math.Min(items.Length, pace.Left);
            if (pace.IsDue && items.Length >= 2 * BatchPace.LeastSample)
            {
                int half = Math.Min(items.Length / 2, Sampled);
                count = 2 * half;
                Sample(question, items[..count], results, ref pace);
            }
            else if (pace.IsOneByOne)
            {
                OneByOne(question, items[..count], results);
                pace.Spend(count);
            }
            else
            {
                Together(question, items[..count], results);
                pace.Spend(count);
            }

            items = items[count..];
            results = results[count..];
        }
    }

    /// <summary>Half of the questions each way, and what took longer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Sample(TQuestion question, ReadOnlySpan<TItem> items, Span<TResult> results, ref BatchPace pace)
    {
        int half = items.Length / 2;
        bool beginsTogether = pace.BeginsTogether;
        long start = Stopwatch.GetTimestamp();
        if (beginsTogether) Together(question, items[..half], results);
        else OneByOne(question, items[..half], results);
        long middle = Stopwatch.GetTimestamp();
        if (beginsTogether) OneByOne(question, items[half..], results[half..]);
        else Together(question, items[half..], results[half..]);
        long end = Stopwatch.GetTimestamp();
        pace.Decide(
            together: beginsTogether ? middle - start : end - middle, oneByOne: beginsTogether ? end - middle : middle - start, half,
            EnoughSamples);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void OneByOne(TQuestion question, ReadOnlySpan<TItem> items, Span<TResult> results)
    {
        // Safety: the slice of results is as long as the items, and both references end there. By index the loop would need one register
        // more than a call preserves, and count in memory, which takes as long as the answer.
        ref TItem item = ref MemoryMarshal.GetReference(items);
        ref TItem end = ref Unsafe.Add(ref item, items.Length);
        ref TResult result = ref MemoryMarshal.GetReference(results[..items.Length]);
        while (Unsafe.IsAddressLessThan(ref item, ref end))
        {
            result = question.Answer(item);
            item = ref Unsafe.Add(ref item, 1);
            result = ref Unsafe.Add(ref result, 1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Together(TQuestion question, ReadOnlySpan<TItem> items, Span<TResult> results)
    {
        int ahead = Math.Min(items.Length, Ahead);
        foreach (ref readonly TItem item in items[..ahead])
        {
            question.Prefetch(item);
        }

        int later = items.Length - ahead;
        AheadOfItself(question, items, ahead, results[..later]);
        OneByOne(question, items[later..], results[later..]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AheadOfItself(TQuestion question, ReadOnlySpan<TItem> items, int ahead, Span<TResult> results)
    {
        // Safety: items are as many as results and those ahead; references as in OneByOne.
        ref TItem item = ref MemoryMarshal.GetReference(items[..(results.Length + ahead)]);
        ref TResult result = ref MemoryMarshal.GetReference(results);
        ref TResult end = ref Unsafe.Add(ref result, results.Length);
        while (Unsafe.IsAddressLessThan(ref result, ref end))
        {
            question.Prefetch(Unsafe.Add(ref item, ahead));
            result = question.Answer(item);
            item = ref Unsafe.Add(ref item, 1);
            result = ref Unsafe.Add(ref result, 1);
        }
    }
}
