using System;

namespace FastRmp.Images;

/// <summary>The events of the page allocator by name, as kernels from 2.6.32 on have them.</summary>
/// <remarks>
/// Source: Linux include/trace/events/kmem.h and its history. Until 3.2 <c>mm_page_free</c> was <c>mm_page_free_direct</c>, and
/// <c>mm_page_free_batched</c> was
/// <c>mm_pagevec_free</c>; commit b413d48aa706 renamed them, and says that the former is there for every page that is freed.
/// </remarks>
internal static class PageEventNames
{
    /// <summary>No event of the page allocator.</summary>
    internal const int Unknown = -1;

    /// <summary>How many names there are.</summary>
    internal const int Count = 8;

    /// <summary><c>mm_page_alloc</c>.</summary>
    internal const int Allocation = 0;

    /// <summary>The first name that is neither <c>mm_page_alloc</c> nor <c>mm_page_free</c>: nearly every line is one of these.</summary>
    internal const int Ordinary = 2;

    /// <summary><c>mm_page_free</c>.</summary>
    internal const int Release = 1;

    /// <summary><c>mm_page_free_batched</c>: a page of a list, which is named once more.</summary>
    internal const int Batched = 3;

    private static readonly string[] Names =
    [
        "mm_page_alloc", "mm_page_free", "mm_page_free_direct", "mm_page_free_batched", "mm_pagevec_free", "mm_page_pcpu_drain",
        "mm_page_alloc_zone_locked", "mm_page_alloc_extfrag",
    ];

    /// <summary>What all names begin with.</summary>
    internal static ReadOnlySpan<byte> Common => "mm_page"u8;

    /// <summary>The group that perf puts before a name.</summary>
    internal static ReadOnlySpan<byte> Group => "kmem:"u8;

    internal static string Name(int id) => Names[id];

    internal static PageEventUse Use(int id) => id switch
    {
        Allocation => PageEventUse.Allocation,
        Release or 2 => PageEventUse.Release,
        Batched or 4 => PageEventUse.ReleaseAgain,
        _ => PageEventUse.None,
    };

    /// <summary>The number of the name that the text begins with, if the name ends there.</summary>
    /// <param name="text">Begins with <see cref="Common"/>.</param>
    /// <param name="length">The name's length.</param>
    internal static int Match(ReadOnlySpan<byte> text, out int length)
    {
        // Nearly every line is one of these two.
        if (text.Length > 13)
        {
            length = 13;
            if (text[13] == ':' && text[..13].SequenceEqual("mm_page_alloc"u8)) return Allocation;
            length = 12;
            if (text[12] == ':' && text[..12].SequenceEqual("mm_page_free"u8)) return Release;
        }

        int end = text.IndexOfAnyExceptInRange((byte)'_', (byte)'z');
        length = end < 0 ? text.Length : end;
        ReadOnlySpan<byte> name = text[..length];
        return length switch
        {
            13 when name.SequenceEqual("mm_page_alloc"u8) => Allocation,
            12 when name.SequenceEqual("mm_page_free"u8) => Release,
            19 when name.SequenceEqual("mm_page_free_direct"u8) => 2,
            20 when name.SequenceEqual("mm_page_free_batched"u8) => Batched,
            15 when name.SequenceEqual("mm_pagevec_free"u8) => 4,
            18 when name.SequenceEqual("mm_page_pcpu_drain"u8) => 5,
            25 when name.SequenceEqual("mm_page_alloc_zone_locked"u8) => 6,
            21 when name.SequenceEqual("mm_page_alloc_extfrag"u8) => 7,
            _ => Unknown,
        };
    }
}
