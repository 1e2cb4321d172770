using System;
using System.Buffers.Text;
using FastRmp.Addressing;

namespace FastRmp.Images.Traces;

/// <summary>Parses one line of ftrace text. No allocation.</summary>
internal static class PageLineParser
{
    private const byte Space = (byte)' ';
    private const int MovableType = 1;

    // 1 GiB: more than the page allocator of any kernel hands out in one block. A damaged line must not make 2^38 pages of work.
    private const ulong HighestOrder = 18;
    private const ulong FrameLimit = (PhysicalAddress.ValidMask >> 12) + 1;

    private static ReadOnlySpan<byte> CommonName => "mm_page_"u8;

    private static ReadOnlySpan<byte> AllocationName => "mm_page_alloc"u8;

    private static ReadOnlySpan<byte> ReleaseName => "mm_page_free"u8;

    internal static PageLineStatus Parse(ReadOnlySpan<byte> line, scoped ref PageLine result)
    {
        if (line.IsEmpty || line[0] == '#') return PageLineStatus.Other;
        int at = FindName(line, 0, out int nameLength);
        if (at < 0) return LostEvents.TryParse(line, out result.Lost) ? PageLineStatus.Lost : PageLineStatus.Other;

        // A task's name or another event's text may contain all of this: the first header of the line is the header.
        if (!TraceHeader.TryParse(line[..at], out ReadOnlySpan<byte> task) || task.IndexOf(": "u8) >= 0)
        {
            PageLineStatus status = FindHeader(line, out at, out nameLength, out task);
            if (status != PageLineStatus.Event) return status;
        }

        result.Task = task;
        result.Kind = nameLength == AllocationName.Length ? PageEventKind.Allocation : PageEventKind.Release;
        ReadOnlySpan<byte> fields = line[(at + nameLength)..];
        return ParseFields(fields.IsEmpty ? fields : fields[1..], ref result);
    }

    /// <summary>The first place, from a position on, where one of the names stands alone and is followed by a colon or the end of the line.</summary>
    private static int FindName(ReadOnlySpan<byte> line, int from, out int nameLength)
    {
        while (true)
        {
            int at = line[from..].IndexOf(CommonName);
            if (at < 0)
            {
                nameLength = 0;
                return -1;
            }

            at += from;
            nameLength = NameLength(line[at..]);
            if (nameLength != 0 && (at == 0 || line[at - 1] == Space)) return at;
            from = at + CommonName.Length;
        }
    }

    /// <summary>The length of the name that the text begins with, or 0.</summary>
    private static int NameLength(ReadOnlySpan<byte> text)
    {
        int length = text.StartsWith(AllocationName) ? AllocationName.Length : text.StartsWith(ReleaseName) ? ReleaseName.Length : 0;
        if (length == 0) return 0;
        ReadOnlySpan<byte> rest = text[length..];
        return rest.IsEmpty || rest[0] == ':' || !rest.ContainsAnyExcept(Space) ? length : 0;
    }

    // The slow road, for lines that look odd: the first header from the left decides which event the line is.
    private static PageLineStatus FindHeader(ReadOnlySpan<byte> line, out int at, out int nameLength, out ReadOnlySpan<byte> task)
    {
        nameLength = 0;
        at = 0;
        while (true)
        {
            int colon = line[at..].IndexOf(": "u8);
            if (colon < 0) break;
            at += colon + 2;
            if (!TraceHeader.TryParse(line[..at], out task)) continue;
            at = line.Length - line[at..].TrimStart(Space).Length;
            nameLength = NameLength(line[at..]);
            return nameLength != 0 ? PageLineStatus.Event : PageLineStatus.Other;
        }

        task = default;
        return PageLineStatus.BadHeader;
    }

    private static PageLineStatus ParseFields(ReadOnlySpan<byte> fields, ref PageLine result)
    {
        int frame = fields.IndexOf("pfn="u8);
        if (frame < 0) return PageLineStatus.BadFrame;
        ReadOnlySpan<byte> page = fields[..frame].Trim(Space);
        if (!page.IsEmpty && !page.StartsWith("page="u8)) return PageLineStatus.BadFrame;
        ReadOnlySpan<byte> rest = fields[(frame + 4)..];
        if (!TryNumber(ref rest, out result.Frame)) return PageLineStatus.BadFrame;
        if (!TryField(ref rest, "order="u8, out ulong order)) return PageLineStatus.BadOrder;
        if (result.Kind == PageEventKind.Allocation)
        {
            if (!TryField(ref rest, "migratetype="u8, out ulong type)) return PageLineStatus.BadMigrateType;
            result.IsMovable = type == MovableType;
        }
        else
        {
            result.IsMovable = false;
        }

        // An allocation that failed has no page, and the kernel prints the frame as -1.
        bool isFailed = result.Frame == ulong.MaxValue && result.Kind == PageEventKind.Allocation && page.EndsWith("(null)"u8);
        if (order > HighestOrder) return PageLineStatus.OrderTooHigh;
        if (!isFailed && (result.Frame >= FrameLimit || 1UL << (int)order > FrameLimit - result.Frame)) return PageLineStatus.BlockTooHigh;
        result.Order = (int)order;
        return PageLineStatus.Event;
    }

    private static bool TryField(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> key, out ulong value)
    {
        value = 0;
        ReadOnlySpan<byte> field = rest.TrimStart(Space);
        if (!field.StartsWith(key)) return false;
        rest = field[key.Length..];
        return (rest.Length < 2 || rest[1] != 'x') && TryNumber(ref rest, out value);
    }

    // A number ends at a space or the end of the line: anything else behind it is damage.
    private static bool TryNumber(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        bool isHexadecimal = rest.StartsWith("0x"u8);
        ReadOnlySpan<byte> digits = isHexadecimal ? rest[2..] : rest;
        if (!Utf8Parser.TryParse(digits, out value, out int consumed, isHexadecimal ? 'x' : 'D')) return false;
        rest = digits[consumed..];
        return rest.IsEmpty || rest[0] == Space;
    }
}
