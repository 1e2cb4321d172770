using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FastRmp.Images;

/// <summary>A bit for each page frame, and how many bits are set before each block of 4096: which page a descriptor is for.</summary>
/// <remarks>The bits stay where they are if they lie in memory; else they are copied. Valid while the file is.</remarks>
internal sealed unsafe class PageBitmap
{
    private const int WordBits = 64;
    private const int BlockWords = 64;
    private const ulong BlockBits = WordBits * BlockWords;

    private readonly ulong[] _copy;
    private readonly ulong* _words; // whole: bits beyond the last page may have any value
    private readonly ulong _wordCount;
    private readonly ulong[] _before;

    private PageBitmap(ulong[] copy, ulong* words, ulong pages, bool isCounted)
    {
        _copy = copy;
        _words = words;
        Pages = pages;
        _wordCount = Words(pages);
        _before = isCounted ? CountBlocks() : [];
    }

    /// <summary>Pages that there is a bit for.</summary>
    internal ulong Pages { get; }

    /// <summary>Bits that are set; only of a bitmap that was counted.</summary>
    internal ulong Set => _before[^1];

    /// <summary>Reads a bitmap.</summary>
    /// <param name="source">The file; it holds the whole bitmap, in whole words.</param>
    /// <param name="at">Where the bitmap begins.</param>
    /// <param name="pages">How many bits count.</param>
    /// <param name="isCounted">Whether <see cref="Set"/> and <see cref="CountBefore"/> will be asked for: they need a look at all
    /// bits.</param>
    internal static PageBitmap Read(ByteSource source, ulong at, ulong pages, bool isCounted)
    {
        ulong bytes = Words(pages) * sizeof(ulong);
        if (bytes <= int.MaxValue && source.TrySpan(at, (int)bytes, out ReadOnlySpan<byte> bits))
        {
            // Safety: spans of a source lie in pinned memory.
            return new PageBitmap([], (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bits)), pages, isCounted);
        }

        const ulong MostBytes = 1UL << 30;
        bytes = Math.Min(bytes, MostBytes);
        ulong[] copy = GC.AllocateArray<ulong>((int)(bytes / sizeof(ulong)), pinned: true);
        Span<byte> rest = MemoryMarshal.AsBytes(copy.AsSpan());
        for (int count; !rest.IsEmpty && (count = source.Read(at, rest[..Math.Min(rest.Length, 1 << 20)])) != 0; at += (uint)count)
        {
            rest = rest[count..];
        }

        ulong* words = (ulong*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(copy)); // Safety: pinned, and kept in a field.
        return new PageBitmap(copy, words, Math.Min(pages, bytes * 8), isCounted);
    }

    /// <summary>Whether a page's bit is set; false for pages that have none.</summary>
    internal bool Has(ulong page) => page < Pages && ((Word(page / WordBits) >> (int)(page % WordBits)) & 1) != 0;

    /// <summary>How many bits are set before a page's; only of a bitmap that was counted.</summary>
    internal ulong CountBefore(ulong page)
    {
        if (page >= Pages) return Set;
        ulong block = page / BlockBits;
        ulong word = page / WordBits;
        ulong within = Word(word) & ((1UL << (int)(page % WordBits)) - 1);
        return _before[block] + Count(block * BlockWords, word) + (uint)BitOperations.PopCount(within);
    }

    /// <summary>The first page at or above one whose bit is as asked for; <see cref="Pages"/> if there is none.</summary>
    internal ulong Next(ulong page, bool isSet)
    {
        if (page >= Pages) return Pages;
        ulong other = isSet ? 0 : ulong.MaxValue;
        ulong word = page / WordBits;
        ulong found = (Word(word) ^ other) & (ulong.MaxValue << (int)(page % WordBits));
        while (found == 0)
        {
            word = NextOther(word + 1, other);
            if (word == _wordCount) return Pages;
            found = Word(word) ^ other;
        }

        return Math.Min(Pages, (word * WordBits) + (uint)BitOperations.TrailingZeroCount(found));
    }

    /// <summary>The first page whose bit is set, and not set in another bitmap of as many pages; <see cref="Pages"/> if there is
    /// none.</summary>
    internal ulong NextOutside(PageBitmap other)
    {
        ulong count = Math.Min(_wordCount, other._wordCount);
        ulong word = 0;
        for (ulong lanes = (ulong)Vector<ulong>.Count; word + lanes <= count; word += lanes)
        {
            // Safety: both have as many words.
            Vector<ulong> outside = Vector.AndNot(Vector.Load(_words + word), Vector.Load(other._words + word));
            if (outside != Vector<ulong>.Zero) break;
        }

        for (; word < count; word++)
        {
            ulong outside = Word(word) & ~other.Word(word);
            if (outside != 0) return Math.Min(Pages, (word * WordBits) + (uint)BitOperations.TrailingZeroCount(outside));
        }

        return Pages;
    }

    /// <summary>The first page whose bit is not the same in another bitmap of as many pages; <see cref="Pages"/> if there is
    /// none.</summary>
    internal ulong NextOther(PageBitmap other)
    {
        for (ulong word = 0; word < Math.Min(_wordCount, other._wordCount); word++)
        {
            ulong difference = Word(word) ^ other.Word(word);
            if (difference != 0) return Math.Min(Pages, (word * WordBits) + (uint)BitOperations.TrailingZeroCount(difference));
        }

        return Pages;
    }

    private static ulong Words(ulong pages) => (pages + WordBits - 1) / WordBits;

    /// <summary>The first word at or above one that is not like another.</summary>
    private ulong NextOther(ulong word, ulong other)
    {
        const ulong Most = 1 << 20;
        while (word < _wordCount)
        {
            int length = (int)Math.Min(_wordCount - word, Most);
            int index = new ReadOnlySpan<ulong>(_words + word, length).IndexOfAnyExcept(other); // Safety: inside the bitmap.
            if (index >= 0) return word + (uint)index;
            word += (uint)length;
        }

        return _wordCount;
    }

    private ulong[] CountBlocks()
    {
        ulong[] before = new ulong[(_wordCount + BlockWords - 1) / BlockWords + 1];
        ulong sum = 0;
        for (int block = 0; block < before.Length - 1; block++)
        {
            before[block] = sum;
            ulong first = (ulong)block * BlockWords;
            sum += Count(first, Math.Min(first + BlockWords, _wordCount));
        }

        ulong beyond = _wordCount * WordBits - Pages;
        if (beyond != 0) sum -= (uint)BitOperations.PopCount(Word(_wordCount - 1) >> (int)(WordBits - beyond));
        before[^1] = sum;
        return before;
    }

    // As one span, so that the bounds are looked at once; four sums, so that none waits for the one before.
    private ulong Count(ulong first, ulong end)
    {
        ReadOnlySpan<ulong> words = new(_words + first, (int)(end - first)); // Safety: the callers stay inside the bitmap.
        ulong one = 0;
        ulong two = 0;
        ulong three = 0;
        ulong four = 0;
        for (; words.Length >= 4; words = words[4..])
        {
            one += (uint)BitOperations.PopCount(words[0]);
            two += (uint)BitOperations.PopCount(words[1]);
            three += (uint)BitOperations.PopCount(words[2]);
            four += (uint)BitOperations.PopCount(words[3]);
        }

        foreach (ulong word in words)
        {
            one += (uint)BitOperations.PopCount(word);
        }

        return one + two + three + four;
    }

    private ulong Word(ulong index) => _words[index]; // Safety: the callers stay inside the bitmap.
}
