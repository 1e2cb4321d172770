using System;

namespace FastRmp.Images;

/// <summary>Where the RMP is and whether it will do: what hosts print while they boot. Source: Linux arch/x86/virt/svm/sev.c of 6.9 to 7.3,
/// arch/x86/kernel/sev.c of the SEV-SNP host patches of 2021 to 2023.</summary>
internal static class RmpTableMessages
{
    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (text.IndexOf("RMP"u8) < 0 && text.IndexOf("rmp"u8) < 0) return Reading.None;
        if (KernelMessage.Of(text) is { IsEmpty: false } message)
        {
            Reading reading = Place(message, context);
            if (reading == Reading.None) reading = Segments(message, context);
            if (reading == Reading.None) reading = Edge(message, context);
            if (reading == Reading.None) reading = Trouble(message, context, isLast);
            if (reading != Reading.None) return reading;
        }

        return Registers(text, context);
    }

    private static Reading Place(ReadOnlySpan<byte> text, LogContext context)
    {
        LogText scan = new(text);
        RmpTableForm form;
        bool isSegmented = text.StartsWith("Segmented RMP base table"u8) || text.StartsWith("RMP segment table"u8);
        if (!isSegmented && !text.StartsWith("RMP table"u8))
        {
            return text.SequenceEqual("Segmented RMP base"u8) || text.SequenceEqual("Segmented RMP"u8) ? Reading.Part : Reading.None;
        }

        if (scan.After("physical range"u8)) form = RmpTableForm.Range;
        else if (scan.After("physical address"u8)) form = RmpTableForm.Address;
        else return text.EndsWith("table"u8) || text.EndsWith("physical"u8) ? Reading.Part : Reading.None;
        if (scan.Rest.TrimStart((byte)' ') is [(byte)'[', ..])
        {
            form = form == RmpTableForm.Range ? RmpTableForm.BracketedRange : RmpTableForm.BracketedAddress;
        }

        if (scan.Rest.TrimStart(" ["u8).StartsWith("mem "u8)) scan.After("mem"u8);
        if (!scan.Hex(out ulong start) || !scan.Hex(out ulong end)) return Reading.Part;
        if (!KernelMessage.IsEnd(scan.Rest)) return Reading.None;
        if (!isSegmented)
        {
            Table(context, start, end, form);
        }
        else if (IsRange(context, "the segment table", start, end))
        {
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.SegmentTable, start, end));
        }

        return Reading.Whole;
    }

    private static void Table(LogContext context, ulong start, ulong end, RmpTableForm form)
    {
        if (IsRange(context, "the table", start, end)) context.Report.Add(new LoggedRmpTable(context.Place, start, end, form));
    }

    /// <summary>Whether a range is one; if not, that is a finding.</summary>
    private static bool IsRange(LogContext context, string name, ulong start, ulong end)
    {
        string? refusal = end <= start ? $"{name} is printed to end at 0x{end:x}, before it begins at 0x{start:x}"
            : end > PhysicalAddress.ValidMask
                ? $"{name} is printed to end at 0x{end:x}, above every physical address (52 bits)"
                : null;
        if (refusal is not null) context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.NoRange, start, end, refusal));
        return refusal is null;
    }

    /// <summary>Register values as the first public hosts and debugging prints have them.</summary>
    private static Reading Registers(ReadOnlySpan<byte> text, LogContext context)
    {
        bool any = false;
        if (KernelMessage.IsProcess(text)) return Reading.None;
        if (LogText.TryHex(text, "rmp_base="u8, out ulong start) && LogText.TryHex(text, "rmp_end="u8, out ulong end))
        {
            Table(context, start, end, RmpTableForm.Debug);
            return Reading.Whole;
        }

        if (text.IndexOf("RMP_BASE"u8) >= 0 && text.IndexOf("MSR access error"u8) < 0 && Value(text, "RMP_BASE"u8, out start))
        {
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.BaseRegister, start));
            any = true;
        }

        if (Value(text, "RMP_END"u8, out end))
        {
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.EndRegister, end));
            any = true;
        }

        any |= Flag(text, context, "SNP_EN"u8, "snp_en"u8, RmpFact.SnpEnabled) | Flag(text, context, "VMPL_EN"u8, "vmpl_en"u8,
            RmpFact.VmplEnabled);
        LogText scan = new(text);
        if ((scan.After("mapped"u8) || scan.After("virt"u8)) && scan.Hex(out ulong at) && at >> 63 == 1 && scan.After("offset"u8)
            && scan.Hex(out ulong offset))
        {
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.MappedAt, at, offset));
            any = true;
        }

        return any ? Reading.Whole : Reading.None;
    }

    private static bool Value(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ulong value)
    {
        LogText scan = new(text);
        value = 0;
        if (!scan.After(name)) return false;
        if (scan.Rest.StartsWith(" MSR"u8)) scan.After("MSR"u8);
        return scan.Hex(out value);
    }

    private static bool Flag(ReadOnlySpan<byte> text, LogContext context, ReadOnlySpan<byte> name, ReadOnlySpan<byte> small, RmpFact fact)
    {
        LogText scan = new(text);
        if (!scan.AfterWord(name))
        {
            scan = new(text);
            if (!scan.AfterWord(small)) return false;
        }

        if (!scan.Decimal(out long value) || value is not (0 or 1)) return false;
        context.Report.Add(new LoggedRmpFact(context.Place, fact, (ulong)value));
        return true;
    }

    private static Reading Segments(ReadOnlySpan<byte> text, LogContext context)
    {
        LogText scan = new(text);
        if (text.StartsWith("Segmented RMP using"u8) && scan.After("using"u8))
        {
            if (!scan.Rest.Contains((byte)'G')) return Reading.Part;
            LogText number = new(scan.Rest[..scan.Rest.IndexOf((byte)'G')]);
            if (!number.Decimal(out long gigabytes) || gigabytes is < 1 or > 1 << 22) return Reading.None;
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.SegmentGigabytes, (ulong)gigabytes));
            return Reading.Whole;
        }

        scan = new(text);
        if (!text.StartsWith("RMP segment "u8) || !scan.After("segment "u8)) return Reading.None;
        if (!scan.Decimal(out long index) || index is < 0 or > ushort.MaxValue) return Reading.None;
        if (!scan.After("physical address"u8)) return Reading.None;
        if (!scan.Hex(out ulong start) || !scan.Hex(out ulong end) || !scan.After("covering"u8) || !scan.Hex(out ulong first)
            || !scan.Hex(out ulong last))
        {
            return Reading.Part;
        }

        if (!KernelMessage.IsEnd(scan.Rest)) return Reading.None;
        if (IsRange(context, $"segment {index}", start, end) && IsRange(context, $"what segment {index} covers", first, last))
        {
            context.Report.Add(
                new LoggedRmpSegment(context.Place, (int)index, new PhysicalSpan(start, end), new PhysicalSpan(first, last)));
        }

        return Reading.Whole;
    }

    private static Reading Edge(ReadOnlySpan<byte> text, LogContext context)
    {
        LogText scan = new(text);
        if (!text.StartsWith("Reserving start/end of RMP table"u8)) return Reading.None;
        if (!scan.After("["u8) || !scan.Hex(out ulong at)) return Reading.Part;
        context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.Boundary, at));
        return Reading.Whole;
    }

    private static Reading Trouble(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        LogText scan = new(text);
        if (text.StartsWith("Memory for the RMP table has not been reserved"u8))
        {
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.NoTable));
            return Reading.Whole;
        }

        if (text.IndexOf("RMP"u8) >= 0 && (text.IndexOf("cover full system RAM"u8) >= 0 || text.IndexOf("cover the full system"u8) >= 0))
        {
            if (!scan.After("expected"u8) || !scan.Hex(out ulong needed) || !scan.After("got"u8) || !scan.Hex(out ulong got))
            {
                return isLast ? Reading.None : Reading.Part;
            }

            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.TooSmall, needed, got, text.IndexOf("Segmented"u8) >= 0
                ? "memory" : "table"));
            return Reading.Whole;
        }

        if (!IsRefusal(text) || text.IndexOf("reduced to"u8) >= 0) return Reading.None;
        context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.Refused, text: LogText.Printable(text)));
        return Reading.Whole;
    }

    private static bool IsRefusal(ReadOnlySpan<byte> text) =>
        text.IndexOf("RMP configuration not valid"u8) >= 0 || text.IndexOf("Failed to map RMP"u8) >= 0
        || text.IndexOf("RMP initialization failed"u8) >= 0 || text.IndexOf("RMP segment size ("u8) >= 0
        || text.IndexOf("Invalid RMP s"u8) >= 0 || text.IndexOf("RMP segment descriptor already"u8) >= 0
        || text.IndexOf("Segmented RMP enabled but RMP_END"u8) >= 0 || text.IndexOf("Unable to start RMPOPT"u8) >= 0
        || text.IndexOf("RMP table itself ("u8) >= 0 || text.IndexOf("Failed to allocate RMP"u8) >= 0;
}
