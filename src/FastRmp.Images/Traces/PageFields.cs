using System;
using System.Buffers.Text;

namespace FastRmp.Images;

/// <summary>The text after an event's name: <c>page=… pfn=… order=… migratetype=… gfp_flags=…</c>. No allocation.</summary>
/// <remarks>
/// That is the order in which kernels print the fields of an allocation. libtraceevent (<c>trace-cmd</c>, <c>perf</c>) that cannot print an
/// event as the kernel would, and the kernel's own option <c>fields</c>, print them in the order of the record, <c>gfp_flags</c> before
/// <c>migratetype</c>, without the page.
/// </remarks>
internal static class PageFields
{
    private const byte Space = (byte)' ';
    private const int MovableType = 1;

    // 1 GiB: more than the page allocator of any kernel hands out in one block. A damaged line must not make 2^38 pages of work.
    private const ulong HighestOrder = 18;
    private const ulong FrameLimit = (PhysicalAddress.ValidMask >> 12) + 1;

    private static ReadOnlySpan<byte> NotParsed => "[FAILED TO PARSE]"u8;

    /// <summary>Whether a text begins as fields do: a task may be called like an event, and something else then follows.</summary>
    internal static bool AreFields(ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(Space);
        return text.StartsWith("page="u8) || text.StartsWith("pfn="u8) || text.StartsWith(NotParsed);
    }

    internal static PageLineStatus Parse(ReadOnlySpan<byte> fields, ref PageLine result)
    {
        int frame = fields.IndexOf("pfn="u8);
        if (frame < 0) return PageLineStatus.BadFrame;
        ReadOnlySpan<byte> page = fields[..frame].Trim(Space);
        if (!page.IsEmpty && !page.StartsWith("page="u8) && !page.SequenceEqual(NotParsed)) return PageLineStatus.BadFrame;
        ReadOnlySpan<byte> rest = fields[(frame + 4)..];
        if (!TryFrame(ref rest, out result.Frame)) return PageLineStatus.BadFrame;
        if (!TryField(ref rest, "order="u8, out ulong order)) return PageLineStatus.BadOrder;
        bool isFailed = false;
        if (result.Kind == PageEventKind.Allocation)
        {
            if (!TryField(ref rest, "migratetype="u8, out ulong type)) return PageLineStatus.BadMigrateType;
            result.IsMovable = type == MovableType;
            isFailed = HasNoPage(page, result.Frame);
        }
        else
        {
            result.IsMovable = false;
        }

        if (order > HighestOrder) return PageLineStatus.OrderTooHigh;
        result.Order = (int)order;
        if (isFailed)
        {
            result.Frame = ulong.MaxValue;
            return PageLineStatus.Event;
        }

        return result.Frame >= FrameLimit || 1UL << (int)order > FrameLimit - result.Frame
            ? PageLineStatus.BlockTooHigh
            : PageLineStatus.Event;
    }

    /// <summary>Whether an allocation failed, and no page came of it.</summary>
    /// <remarks>
    /// The frame of a failed one is -1 in the record and 0 in the line of most kernels. Frame 0 itself is never handed out: it is reserved
    /// on every PC. Where the kernel says
    /// <c>(null)</c>, there is no frame, whatever number is printed: the oldest kernels compute it from the null pointer. Zeros for the
    /// page say nothing by themselves: converters write them for any page.
    /// </remarks>
    private static bool HasNoPage(ReadOnlySpan<byte> page, ulong frame) =>
        frame is 0 or ulong.MaxValue || (page is [.., (byte)')'] && (page.EndsWith("(null)"u8) || page.EndsWith("(nil)"u8)));

    private static bool TryFrame(ref ReadOnlySpan<byte> rest, out ulong frame)
    {
        if (rest is not [(byte)'-', (byte)'1', ..]) return TryNumber(ref rest, out frame);
        frame = ulong.MaxValue;
        rest = rest[2..];
        return rest.IsEmpty || rest[0] == Space;
    }

    private static bool TryField(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> key, out ulong value)
    {
        ReadOnlySpan<byte> field = rest.TrimStart(Space);
        if (!field.StartsWith(key)) return TryFieldAnywhere(rest, key, out value);
        rest = field[key.Length..];
        return TryNumber(ref rest, out value);
    }

    // The order of the record; what is passed over on the way stays for the next field.
    private static bool TryFieldAnywhere(ReadOnlySpan<byte> rest, ReadOnlySpan<byte> key, out ulong value)
    {
        value = 0;
        for (int from = 0; ;)
        {
            int at = rest[from..].IndexOf(key);
            if (at < 0) return false;
            at += from;
            from = at + key.Length;
            if (at == 0 || rest[at - 1] != Space) continue;
            ReadOnlySpan<byte> number = rest[from..];
            return TryNumber(ref number, out value);
        }
    }

    // A number ends at a space or the end of the line: anything else after it is damage.
    private static bool TryNumber(ref ReadOnlySpan<byte> rest, out ulong value)
    {
        bool isHexadecimal = rest is [(byte)'0', (byte)'x' or (byte)'X', ..];
        ReadOnlySpan<byte> digits = isHexadecimal ? rest[2..] : rest;
        if (!Utf8Parser.TryParse(digits, out value, out int consumed, isHexadecimal ? 'x' : 'D')) return false;
        rest = digits[consumed..];
        return rest.IsEmpty || rest[0] == Space;
    }
}
