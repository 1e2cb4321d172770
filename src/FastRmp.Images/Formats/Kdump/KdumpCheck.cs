using System;
using System.Globalization;

namespace FastRmp.Images;

/// <summary>Holds the bitmaps of a dump and its page descriptors against each other.</summary>
/// <remarks>
/// <para>Nothing in a descriptor says which page it is for: that is the order of the bits in the second bitmap. One wrong bit gives every
/// page behind it the content of its neighbour. What shows it is that as many descriptors stand in the file as bits are set: the data
/// begins behind the last of them. In a part of a split dump it begins further on, behind as many as all parts have.</para>
/// <para>Looked at are the first descriptors and the last ones, whatever the size of the dump.</para>
/// </remarks>
internal static class KdumpCheck
{
    private const ulong Looked = 4096;
    private const ulong LookedAtEnd = 1 << 18;

    /// <summary>Checks a file, and reports what is wrong with it.</summary>
    internal static void Run(KdumpPart part, InputProblems problems)
    {
        if (part.Known is { } known && part.Dumped.NextOutside(known) is var page && page < part.Dumped.Pages)
        {
            problems.Add(InputProblem.AtOffset(part.Name, part.Header.BitmapAt + (page / 8), Text(
                $"the bitmaps do not agree: the dump has the page at 0x{page * KdumpHeader.BlockBytes:x}, and the machine has not")));
        }

        if (!Agrees(part))
        {
            part.IsDoubtful = true;
            problems.Add(InputProblem.AtOffset(part.Name, part.Header.DescriptorsAt, Text(
                $"bitmap and page descriptors do not agree: {part.Pages} pages are set in the second bitmap, and the file has not as many descriptors; which page is whose is not known, and none is read")));
        }
        else if (!part.Header.IsIncomplete && IsUnfinished(part))
        {
            problems.Add(InputProblem.AtOffset(
                part.Name, part.DataAt - KdumpDescriptor.Bytes,
                "the dump is incomplete: its last page descriptors are empty; pages that its writer did not come to are lost"));
        }
        else if (EndsEarly(part, out ulong end))
        {
            problems.Add(InputProblem.AtOffset(part.Name, part.Source.Length, Text(
                $"the dump is cut short: the file ends here, and what its descriptors speak of ends at 0x{end:x}")));
        }
    }

    private static bool Agrees(KdumpPart part)
    {
        ulong first = ulong.MaxValue;
        int before = 0;
        for (ulong index = 0; index < Math.Min(part.Pages, Looked) && part.TryDescriptor(index, out KdumpDescriptor descriptor); index++)
        {
            if (!descriptor.IsPossible || descriptor.Offset < part.Header.DescriptorsAt) continue;
            if (descriptor.Offset < part.DataAt) before++;
            else first = Math.Min(first, descriptor.Offset);
        }

        // The page of zeros that many pages share is the first of all data; one descriptor may be damaged by itself.
        if (before > 1) return false;
        if (part.Pages != 0 && part.TryDescriptor(part.Pages - 1, out KdumpDescriptor last))
        {
            // Where one bit too many is set, one empty descriptor too many may follow; a writer that was stopped leaves more.
            bool isOne = last.IsEmpty ? part.Header.IsIncomplete || IsUnfinished(part) : last.Resembles(part.DataAt);
            if (!isOne) return false;
        }

        // Where data begins at once, no descriptor can stand.
        if (first == part.DataAt || !part.TryDescriptor(part.Pages, out KdumpDescriptor next)) return true;
        bool isOneMore = next.IsEmpty
            ? part.Header.IsIncomplete && !part.Header.IsSplit && IsGap(part, first)
            : next.IsPossible && next.Resembles(part.DataAt + KdumpDescriptor.Bytes);
        return !isOneMore;
    }

    private static bool IsUnfinished(KdumpPart part) =>
        part.Pages > 1 && part.TryDescriptor(part.Pages - 1, out KdumpDescriptor last) && last.IsEmpty
            && part.TryDescriptor(part.Pages - 2, out KdumpDescriptor other) && other.IsEmpty;

    // The data of a page is longer, or not as long by a multiple.
    private static bool IsGap(KdumpPart part, ulong first)
    {
        ulong gap = first - part.DataAt;
        return gap < KdumpHeader.BlockBytes && gap % KdumpDescriptor.Bytes == 0;
    }

    private static bool EndsEarly(KdumpPart part, out ulong end)
    {
        end = part.DataAt;
        ulong least = part.Pages - Math.Min(part.Pages, LookedAtEnd);
        for (ulong index = part.Pages; index > least && part.TryDescriptor(index - 1, out KdumpDescriptor descriptor); index--)
        {
            if (descriptor.IsPossible && descriptor.Offset >= part.DataAt && descriptor.Offset <= long.MaxValue)
            {
                end = Math.Max(end, descriptor.Offset + descriptor.Size);
            }
        }

        return end > part.Source.Length;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
