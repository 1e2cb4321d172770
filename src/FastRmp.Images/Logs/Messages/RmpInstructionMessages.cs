using System;

namespace FastRmp.Images;

/// <summary>RMPUPDATE and PSMASH that were refused, and what KVM says of guests' RMP faults. Source: Linux arch/x86/virt/svm/sev.c and
/// arch/x86/kvm/svm/sev.c; the older forms of the SEV-SNP host patches.</summary>
internal static class RmpInstructionMessages
{
    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        bool isUpdate = text.IndexOf("RMPUPDATE failed"u8) >= 0 || text.IndexOf("rmpupdate failed"u8) >= 0;
        if (isUpdate) return Update(text, context, isLast);
        if (IsDirectMap(text)) return Split(text, context, isLast);
        if (text.IndexOf("Failed to PSMASH RMP entry"u8) >= 0) return Reading.None; // without a guest's address
        if (text.IndexOf("psmash"u8) >= 0 || text.IndexOf("PSMASH"u8) >= 0) return Smash(text, context, isLast);
        if (text.IndexOf("split RMP entr"u8) >= 0) return Smash(text, context, isLast);
        return text.IndexOf("nexpected RMP fault"u8) >= 0 ? Unexpected(text, context, isLast) : Reading.None;
    }

    private static Reading Update(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (!LogText.TryHex(text, "PFN "u8, out ulong pfn) && !LogText.TryHex(text, "pfn: "u8, out pfn)
            && !LogText.TryHex(text, "pfn "u8, out pfn))
        {
            return Reading.Part;
        }

        int? code = LogText.Integer(text, "ret: "u8) ?? LogText.Integer(text, "ret "u8) ?? LogText.Integer(text, "rc "u8);
        if (code is not { } value) return Reading.Part;
        int? level = LogText.Integer(text, "pg_level: "u8) ?? LogText.Integer(text, "level: "u8);
        bool isRetried = text.IndexOf("retrying"u8) >= 0;
        if (level is null && !isLast && !isRetried) return Reading.Part;
        LogText end = new(text);
        if (end.After(" ret: "u8) && end.Decimal(out _) && KernelMessage.IsSentence(end.Rest)) return Reading.None;
        context.Region = null;
        context.Report.Add(new LoggedRmpUpdate(context.Place, pfn, level, value) { IsRetried = isRetried });
        return Reading.Whole;
    }

    /// <summary>The direct map could not be changed: split since 6.9; the host patches before that took guests' pages out of it.</summary>
    private static bool IsDirectMap(ReadOnlySpan<byte> text) =>
        text.IndexOf("Failed to "u8) >= 0 && (text.IndexOf(" direct map for "u8) >= 0 || text.IndexOf("the direct_map"u8) >= 0);

    private static Reading Split(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (!LogText.TryHex(text, "PFN "u8, out ulong pfn) && !LogText.TryHex(text, "pfn "u8, out pfn)) return Reading.Part;
        int? code = LogText.Integer(text, "ret: "u8);
        if (code is null && !isLast && text.IndexOf("direct_map"u8) < 0) return Reading.Part;
        context.Report.Add(new LogNote(context.Place, LogNoteKind.SplitFailed, LogText.Printable(text)) { Pfn = pfn, Code = code });
        return Reading.Whole;
    }

    private static Reading Smash(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (text.IndexOf("kvm_rmp_fault:"u8) >= 0) return Reading.None; // a trace line with more in it
        if (!LogText.TryHex(text, "gpa "u8, out ulong gpa) && !LogText.TryHex(text, "GPA "u8, out gpa)) return Reading.None;
        if (!LogText.TryHex(text, "pfn "u8, out ulong pfn) && !LogText.TryHex(text, "PFN "u8, out pfn)) return Reading.Part;
        int? code = LogText.Integer(text, "rc "u8) ?? LogText.Integer(text, "psmash_ret "u8) ?? LogText.Integer(text, "ret "u8)
            ?? LogText.Integer(text, "ret: "u8);
        bool isTry = text.IndexOf("trying"u8) >= 0;
        if (code is null && !isTry && !isLast) return Reading.Part;
        context.Report.Add(new LoggedPSmash(context.Place, gpa, pfn, code));
        return Reading.Whole;
    }

    private static Reading Unexpected(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (!LogText.TryHex(text, "GPA "u8, out ulong gpa)) return isLast ? Reading.None : Reading.Part;
        context.Report.Add(new LogNote(context.Place, LogNoteKind.UnexpectedRmpFault, LogText.Printable(text))
        {
            Value = gpa,
            Pfn = LogText.TryHex(text, "PFN "u8, out ulong pfn) ? pfn : null,
            Code = LogText.Integer(text, "error "u8),
        });
        return Reading.Whole;
    }
}
