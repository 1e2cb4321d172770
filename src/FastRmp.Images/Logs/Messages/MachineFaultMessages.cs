using System;

namespace FastRmp.Images;

/// <summary>Stores that a machine on this RMP refused, or would have: the lines <c>fault …</c> of its trace and of its report
/// (docs/rmp-trace.md, docs/qemu.md). They say what an oops says, and more: the mapping's size and the entry that decided.</summary>
internal static class MachineFaultMessages
{
    private const int LongestName = 160;

    private static ReadOnlySpan<byte> Word => "fault spa="u8;

    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context)
    {
        int at = text.IndexOf(Word);
        if (at < 0 || !IsHead(text[..at])) return Reading.None;
        ReadOnlySpan<byte> fields = text[at..];
        if (!LogText.TryHex(fields, "spa="u8, out ulong physical) || physical > PhysicalAddress.ValidMask) return Reading.None;
        if (!LogText.TryHex(fields, "code="u8, out ulong code) || !new PageFaultErrorCode(code).Rmp) return Reading.None;
        LoggedPageFault fault = new(context.Place)
        {
            Address = LogText.TryHex(fields, "va="u8, out ulong address) ? address : null,
            Instruction = LogText.TryHex(fields, "rip="u8, out ulong rip) ? rip : null,
            Printed = code,
            HasCodeLine = true,
            Symbol = Name(fields),
            KnownFrame = physical >> PageSize.Size4K.Shift(),
            KnownSize = Size(fields),
            Times = LogText.TryDecimal(fields, "count="u8, out long times) && times > 0 ? times : 1,
        };
        context.Fault = null; // no line of an oops follows
        context.Region = null;
        context.Report.CountFault();
        context.Report.Add(fault);
        Entry(fields, fault, context);
        return Reading.Whole;
    }

    /// <summary>A time and a processor stand before it in a trace, the tool's name in a report.</summary>
    private static bool IsHead(ReadOnlySpan<byte> head)
    {
        head = head.TrimEnd((byte)' ');
        ReadOnlySpan<byte> last = head[(head.LastIndexOf((byte)' ') + 1)..];
        return last.IsEmpty || last.SequenceEqual("fastrmp:"u8)
            || (last.StartsWith("cpu"u8) && last.Length > 3 && !last[3..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
    }

    private static PageSize? Size(ReadOnlySpan<byte> fields)
    {
        LogText scan = new(fields);
        if (!scan.AfterWord("size="u8)) return null;
        if (scan.Rest.StartsWith("4k"u8)) return PageSize.Size4K;
        if (scan.Rest.StartsWith("2m"u8)) return PageSize.Size2M;
        return scan.Rest.StartsWith("1g"u8) ? PageSize.Size1G : null;
    }

    private static string? Name(ReadOnlySpan<byte> fields)
    {
        LogText scan = new(fields);
        if (!scan.AfterWord("symbol="u8)) return null;
        int end = scan.Rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> name = end < 0 ? scan.Rest : scan.Rest[..end];
        return name.IsEmpty ? null : LogText.Printable(name, LongestName);
    }

    /// <summary><c>entry=SPA:LOW:HIGH</c>: the page that the RMP refused the store for, and its entry; of another page of the region if the
    /// mapping is large.</summary>
    private static void Entry(ReadOnlySpan<byte> fields, LoggedPageFault fault, LogContext context)
    {
        LogText scan = new(fields);
        if (!scan.AfterWord("entry="u8) || !scan.Hex(out ulong page) || !scan.Hex(out ulong low) || !scan.Hex(out ulong high)) return;
        if (page > PhysicalAddress.ValidMask) return;
        LoggedRmpEntry entry = new(context.Place, page >> PageSize.Size4K.Shift(), new RmpEntry(low, high), RmpEntryLayout.LowHigh);
        ulong own = fault.KnownFrame!.Value;
        ulong pages = PageSize.Size2M.Pages();
        ulong start = own & ~(pages - 1);
        if (entry.Pfn == own)
        {
            context.Report.Add(entry);
        }
        else if (entry.Pfn - start < pages)
        {
            LoggedRegion region = new(context.Place, own, start, start + pages) { IsElided = true };
            region.List.Add(entry);
            context.Report.Add(region);
        }
    }
}
