using System;

namespace FastRmp.Images;

/// <summary>Nested page faults: KVM's trace events <c>kvm_page_fault</c>, <c>kvm_rmp_fault</c> and <c>kvm_exit</c> in the text of ftrace,
/// trace-cmd and perf, prints of the SEV-SNP host patches, and dumps of a control block. Source: Linux arch/x86/kvm/trace.h and
/// arch/x86/kvm/svm/svm.c.</summary>
internal static class NestedFaultMessages
{
    private const ulong NestedPageFaultExit = 0x400;

    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (Event(text, "kvm_page_fault:"u8, context, out ReadOnlySpan<byte> fields)) return Traced(fields, context);
        if (Event(text, "kvm_rmp_fault:"u8, context, out fields)) return RmpFault(fields, context);
        if (Event(text, "kvm_exit:"u8, context, out fields)) return Exit(fields, context);
        if (text.IndexOf("#VMEXIT (NPF)"u8) >= 0 || text.IndexOf("#VMEXIT(NPF)"u8) >= 0) return Printed(text, context, isLast);
        return ControlBlock(text, context);
    }

    /// <summary>Finds a trace event and the time before it: <c>324797.313982: kvm_exit: </c>; perf has <c>kvm:</c> between them.</summary>
    private static bool Event(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, LogContext context, out ReadOnlySpan<byte> fields)
    {
        int at = text.IndexOf(name);
        fields = at < 0 ? default : text[(at + name.Length)..];
        if (at < 0) return false;
        ReadOnlySpan<byte> before = text[..at];
        if (before.EndsWith("kvm:"u8)) before = before[..^4];
        before = before.TrimEnd((byte)' ');
        if (context.HasStamp || before is not [.., (byte)':']) return true;
        before = before[..^1];
        int start = before.Length;
        while (start > 0 && (char.IsAsciiDigit((char)before[start - 1]) || before[start - 1] == '.')) start--;
        if (before[start..].Contains((byte)'.')) context.SetStamp(before[start..]);
        return true;
    }

    private static Reading Traced(ReadOnlySpan<byte> text, LogContext context)
    {
        if (!LogText.TryHex(text, "address "u8, out ulong address) || !LogText.TryHex(text, "error_code "u8, out ulong code))
        {
            return Reading.Part;
        }
        int? vcpu = LogText.Integer(text, "vcpu "u8);
        if (context.Traced is { } before && before.ErrorCode == code && before.Address == address && (before.Vcpu ?? vcpu) == vcpu)
        {
            before.Vcpu ??= vcpu;
            context.Traced = null;
            return Reading.Whole; // the exit's own event said the same
        }

        Add(context, new LoggedNestedFault(context.Place, code) { Address = address, Vcpu = vcpu });
        context.Traced = null;
        return Reading.Whole;
    }

    private static Reading RmpFault(ReadOnlySpan<byte> text, LogContext context)
    {
        if (!LogText.TryHex(text, "gpa "u8, out ulong gpa) || !LogText.TryHex(text, "pfn "u8, out ulong pfn)
            || !LogText.TryHex(text, "error_code "u8, out ulong code) || LogText.Integer(text, "psmash_ret "u8) is not { } result)
        {
            return Reading.Part;
        }

        int? level = LogText.Integer(text, "rmp_level "u8);
        Add(context, new LoggedNestedFault(context.Place, code)
        {
            Address = gpa,
            Vcpu = LogText.Integer(text, "vcpu "u8),
            RmpLevel = level,
        });
        // Of a 4K entry KVM asks nothing.
        if (level != 1 || result != 0) context.Report.Add(new LoggedPSmash(context.Place, gpa, pfn, result));
        return Reading.Whole;
    }

    private static Reading Exit(ReadOnlySpan<byte> text, LogContext context)
    {
        if (!LogText.HasWord(text, "reason npf"u8) && !LogText.HasWord(text, "EXIT_NPF"u8) && !LogText.HasWord(text, "reason NPF"u8))
        {
            return Reading.None;
        }

        LogText scan = new(text);
        ulong address;
        if (LogText.TryHex(text, "info1 "u8, out ulong code))
        {
            if (!LogText.TryHex(text, "info2 "u8, out address)) return Reading.Part;
        }
        else if (!scan.AfterWord("info "u8) || !scan.Hex(out code) || !scan.Hex(out address))
        {
            return Reading.Part;
        }

        LoggedNestedFault fault = new(context.Place, code) { Address = address, Vcpu = LogText.Integer(text, "vcpu "u8) };
        Add(context, fault);
        context.Traced = fault;
        context.Attend(2);
        return Reading.Whole;
    }

    private static Reading Printed(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (!LogText.TryHex(text, "err "u8, out ulong code) && !LogText.TryHex(text, "error_code "u8, out code)) return Reading.Part;
        int? rmp = LogText.Integer(text, "rmp_level "u8);
        int? nested = LogText.Integer(text, "npt_level "u8);
        if (!isLast && ((rmp is null) != (nested is null) || !LogText.HasWord(text, "private "u8))) return Reading.Part;
        ulong address = 0;
        bool hasAddress = LogText.TryHex(text, "gpa "u8, out address);
        Add(context, new LoggedNestedFault(context.Place, code)
        {
            Address = hasAddress ? address : null,
            RmpLevel = rmp,
            NptLevel = nested,
        });
        return Reading.Whole;
    }

    /// <summary><c>exit_code: 00000400 exit_info1: …</c>, on one line or on three.</summary>
    private static Reading ControlBlock(ReadOnlySpan<byte> text, LogContext context)
    {
        if (LogText.TryHex(text, "exit_code:"u8, out ulong exit) || LogText.TryHex(text, "exit code:"u8, out exit))
        {
            context.ExitInfo = null;
            if (exit != NestedPageFaultExit) return Reading.None;
            context.ExitInfo = 0;
            context.Attend(6);
        }

        if (context.ExitInfo is null) return Reading.None;
        if (LogText.TryHex(text, "exit_info1:"u8, out ulong code)) context.ExitInfo = code;
        if (!LogText.TryHex(text, "exit_info2:"u8, out ulong address)) return Reading.None;
        Add(context, new LoggedNestedFault(context.Place, context.ExitInfo.Value) { Address = address });
        context.ExitInfo = null;
        return Reading.Whole;
    }

    private static void Add(LogContext context, LoggedNestedFault fault)
    {
        context.Report.CountFault();
        context.Report.Add(fault);
    }
}
