using System;

namespace FastRmp.Images;

/// <summary>RMP entries, dumps of 2 MiB regions, leaked pages. Source: Linux arch/x86/virt/svm/sev.c; the older forms of the SEV-SNP host
/// patches of 2021 to 2023.</summary>
internal static class RmpEntryMessages
{
    private const int RegionPages = 512;
    private const ulong MostPfn = RmpEntry.GpaMask; // more than any page frame has

    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (text.IndexOf("RMPEntry"u8) >= 0) return Older(text, context);
        if (IsFailure(text)) return !isLast && KernelMessage.IsUnfinished(text) ? Reading.Part : Failure(text, context);
        if (text.IndexOf("dump RMP entry"u8) >= 0) return Unreadable(text, context);
        if (text.IndexOf("PFN"u8) < 0) return Reading.None;
        LogText scan = new(text);
        if (scan.After("Leaking PFN range"u8) || scan.After("leaking PFN range"u8))
        {
            if (!scan.Hex(out ulong first) || !scan.Hex(out ulong end)) return Reading.Part;
            if (end <= first || end > MostPfn) return Reading.None;
            if (KernelMessage.IsSentence(scan.Rest)) return Reading.None;
            context.Region = null;
            context.Report.Add(new LoggedLeak(context.Place, first, end));
            context.Attend(2);
            return Reading.Whole;
        }

        if (text.IndexOf("PFN region"u8) >= 0 || text.IndexOf("unassigned, dumping"u8) >= 0) return Region(text, context);
        if (text.IndexOf("reading RMP "u8) >= 0 || text.IndexOf("Failed to read RMP"u8) >= 0) return Unreadable(text, context);
        scan = new(text);
        if (scan.AfterWord("PFN: "u8)) return Line(scan, context);
        scan = new(text);
        if (text.IndexOf("RMP entry: ["u8) >= 0 || text.IndexOf("RMP entry:"u8) >= 0)
        {
            if (!scan.AfterWord("PFN "u8) || !scan.Hex(out ulong pfn)) return Reading.None;
            if (!scan.After("RMP entry:"u8) || !scan.Hex(out ulong low) || !TryLast(ref scan, out ulong high)) return Reading.Part;
            if (KernelMessage.IsSentence(scan.Rest)) return Reading.None;
            context.Report.Add(new LoggedRmpEntry(context.Place, pfn, new RmpEntry(low, high), RmpEntryLayout.LowHigh));
            return Reading.Whole;
        }

        // "PFN 0x…, RMP" is a line that a mail program wrapped.
        return !isLast && scan.AfterWord("PFN "u8) && scan.Hex(out _) && scan.Rest.StartsWith(", RMP"u8) ? Reading.Part : Reading.None;
    }

    private static Reading Region(ReadOnlySpan<byte> text, LogContext context)
    {
        LogText scan = new(text);
        if (!scan.AfterWord("PFN "u8) || !scan.Hex(out ulong pfn)) return Reading.None;
        if (!scan.After("region"u8) || !scan.After("["u8) || !scan.Hex(out ulong start) || !scan.Hex(out ulong end)) return Reading.Part;
        if (end <= start || end - start > RegionPages * RegionPages || end > MostPfn) return Reading.None;
        context.Region = new LoggedRegion(context.Place, pfn, start, end);
        context.Report.Add(context.Region);
        context.Attend(RegionPages + 2);
        return Reading.Whole;
    }

    /// <summary>The last word of an entry in brackets: with all its digits, or with the bracket behind it. A cut one would be another
    /// number.</summary>
    private static bool TryLast(ref LogText scan, out ulong value)
    {
        const int Digits = 16;
        ReadOnlySpan<byte> before = scan.Rest;
        if (!scan.Hex(out value)) return false;
        ReadOnlySpan<byte> read = before[..^scan.Rest.Length];
        return scan.Rest is [(byte)']', ..] || read.Length - read.LastIndexOf((byte)'x') - 1 == Digits;
    }

    /// <summary>A line of a region's dump: <c>PFN: 0x…, [low - high]</c>.</summary>
    private static Reading Line(LogText scan, LogContext context)
    {
        if (!scan.Hex(out ulong pfn) || !scan.Rest.StartsWith(", ["u8)) return Reading.None;
        if (!scan.Hex(out ulong low) || !TryLast(ref scan, out ulong high)) return Reading.Part;
        LoggedRmpEntry entry = new(context.Place, pfn, new RmpEntry(low, high), RmpEntryLayout.LowHigh);
        if (context.Region is { } region && pfn >= region.Start && pfn < region.End)
        {
            if (region.List.Count < RegionPages) region.List.Add(entry);
            region.LastLine = context.Line;
            context.Attend(RegionPages);
        }
        else
        {
            context.Report.Add(entry);
        }

        return Reading.Whole;
    }

    /// <summary><c>RMPEntry paddr 0x… [assigned=…]</c>, <c>RMPEntry paddr 0x… HIGH LOW</c>, with <c>[high=… low=…]</c> or a
    /// colon.</summary>
    private static Reading Older(ReadOnlySpan<byte> text, LogContext context)
    {
        LogText scan = new(text);
        if (!scan.After("paddr"u8)) return Reading.None;
        if (!scan.Hex(out ulong address)) return Reading.Part;
        ulong pfn = address >> PageSize.Size4K.Shift();
        ReadOnlySpan<byte> rest = scan.Rest;
        if (rest.IndexOf("assigned="u8) >= 0) return Symbolic(rest, pfn, context);
        if (LogText.TryHex(rest, "high="u8, out ulong high) && LogText.TryHex(rest, "low="u8, out ulong low))
        {
            return Add(context, pfn, high, low);
        }

        return scan.Hex(out high) && scan.Hex(out low) ? Add(context, pfn, high, low) : Reading.Part;
    }

    private static Reading Add(LogContext context, ulong pfn, ulong high, ulong low)
    {
        context.Report.Add(new LoggedRmpEntry(context.Place, pfn, new RmpEntry(low, high), RmpEntryLayout.HighLow));
        return Reading.Whole;
    }

    private static Reading Symbolic(ReadOnlySpan<byte> fields, ulong pfn, LogContext context)
    {
        if (!fields.Contains((byte)']') && LogText.Integer(fields, "validated="u8) is null) return Reading.Part;
        if (LogText.Integer(fields, "assigned="u8) is not (0 or 1) || !LogText.TryHex(fields, "gpa="u8, out ulong page))
        {
            return Reading.None;
        }
        if (page > RmpEntry.GpaMask >> PageSize.Size4K.Shift()) return Reading.None;
        if (LogText.Integer(fields, "asid="u8) is not { } asid || asid is < 0 or > RmpEntry.LockAsid) return Reading.None;
        RmpEntry entry = new()
        {
            Assigned = LogText.Integer(fields, "assigned="u8) == 1,
            Immutable = LogText.Integer(fields, "immutable="u8) == 1,
            PageSize = LogText.Integer(fields, "pagesize="u8) == 1 ? PageSize.Size2M : PageSize.Size4K,
            Gpa = GuestPhysicalAddress.Truncate(page << PageSize.Size4K.Shift()),
            Asid = (ushort)asid,
            Vmsa = LogText.Integer(fields, "vmsa="u8) == 1,
            Validated = LogText.Integer(fields, "validated="u8) == 1,
        };
        context.Report.Add(new LoggedRmpEntry(context.Place, pfn, entry, RmpEntryLayout.Symbolic));
        return Reading.Whole;
    }

    /// <summary>What KVM says when it could not look up or change the entry of a guest's page.</summary>
    private static bool IsFailure(ReadOnlySpan<byte> text) =>
        text.IndexOf("Failed to look up RMP entry"u8) >= 0 || text.IndexOf("Failed to retrieve RMP entry"u8) >= 0
        || text.IndexOf("Failed to update RMP entry"u8) >= 0 || text.IndexOf("failed to clear RMP entry"u8) >= 0
        || text.IndexOf("failed to read RMP entry"u8) >= 0 || text.IndexOf("write to guest private gfn"u8) >= 0
        || text.IndexOf("Failed to PSMASH RMP entry"u8) >= 0
        || text.IndexOf("Failed to ensure GFN"u8) >= 0
        || text.IndexOf("buffer for legacy command"u8) >= 0 || text.IndexOf("buffer for SEV legacy command"u8) >= 0
        || text.IndexOf("firmware-owned"u8) >= 0;

    private static Reading Failure(ReadOnlySpan<byte> text, LogContext context)
    {
        context.Report.Add(new LogNote(context.Place, LogNoteKind.EntryNotChanged, LogText.Printable(text))
        {
            Pfn = LogText.TryHex(text, "PFN "u8, out ulong pfn) || LogText.TryHex(text, "pfn "u8, out pfn) ? pfn : null,
            Value = LogText.TryHex(text, "GFN "u8, out ulong gfn) || LogText.TryHex(text, "gfn "u8, out gfn) ? gfn : null,
            Code = LogText.Integer(text, "error "u8) ?? LogText.Integer(text, "ret: "u8) ?? LogText.Integer(text, "Error: "u8),
        });
        return Reading.Whole;
    }

    private static Reading Unreadable(ReadOnlySpan<byte> text, LogContext context)
    {
        LogNote note = new(context.Place, LogNoteKind.UnreadableEntry, LogText.Printable(text))
        {
            Pfn = LogText.TryHex(text, "PFN "u8, out ulong pfn) ? pfn : null,
            Value = LogText.TryHex(text, "HVA "u8, out ulong address) ? address : null,
            Code = LogText.Integer(text, "error "u8) ?? LogText.Integer(text, "Error "u8),
        };
        if (note.Pfn is null && note.Value is null) return Reading.Part;
        context.Report.Add(note);
        return Reading.Whole;
    }
}
