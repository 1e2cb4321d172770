using System;

namespace FastRmp.Images;

/// <summary>The SEV driver's and KVM's messages: versions, address-space identifiers, commands that fail. Source: Linux
/// drivers/crypto/ccp/sev-dev.c and arch/x86/kvm/svm/sev.c of 5.x to 7.x.</summary>
internal static class FirmwareMessages
{
    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        if (text.IndexOf("ASIDs"u8) >= 0) return Asids(text, context);
        if (text.IndexOf(" API:"u8) >= 0) return Version(text, context, isLast);
        if (text.IndexOf("timed out, disabling PSP"u8) >= 0) return TimedOut(text, context);
        if (text.IndexOf("SEV-SNP support requires firmware version"u8) >= 0) return TooOld(text, context, isLast);

        return Failure(text, context, isLast);
    }

    private static Reading Version(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        bool isSnp = text.IndexOf("SEV-SNP API:"u8) >= 0;
        if (!isSnp && text.IndexOf("SEV API:"u8) < 0) return Reading.None;
        LogText scan = new(text);
        scan.After(" API:"u8);
        int point = scan.Rest.IndexOf((byte)'.');
        LogText major = new(point < 0 ? default : scan.Rest[..point]);
        LogText minor = new(point < 0 ? default : scan.Rest[(point + 1)..]);
        if (!major.Decimal(out long first) || !minor.Decimal(out long second) || first is < 0 or > 999 || second is < 0 or > 999)
        {
            return Reading.None;
        }
        if (LogText.Integer(text, "build:"u8) is not { } build) return isLast ? Reading.None : Reading.Part;
        context.Report.Add(new LoggedFirmware(context.Place, FirmwareReport.Version, isSnp ? "SEV-SNP" : "SEV")
        {
            Version = ((int)first, (int)second, build),
        });
        return Reading.Whole;
    }

    /// <summary><c>SEV-ES enabled (ASIDs 1 - 99)</c>, and the older <c>SEV supported: 410 ASIDs</c>.</summary>
    private static Reading Asids(ReadOnlySpan<byte> text, LogContext context)
    {
        string kind = text.IndexOf("SEV-ES and SEV-SNP"u8) >= 0 ? "sev_es_and_snp"
            : text.IndexOf("SEV-SNP"u8) >= 0 ? "sev_snp"
            : text.IndexOf("SEV-ES"u8) >= 0 ? "sev_es"
            : "sev";
        if (kind == "sev" && !LogText.HasWord(text, "SEV "u8)) return Reading.None;
        LogText scan = new(text);
        if (scan.After("(ASIDs"u8))
        {
            if (!scan.Decimal(out long first) || !scan.After("-"u8) || !scan.Decimal(out long last) || scan.Rest is not [(byte)')', ..])
            {
                return Reading.Part;
            }


            string? state = text.IndexOf(" unusable (ASIDs"u8) >= 0 ? "unusable"
                : text.IndexOf(" disabled (ASIDs"u8) >= 0 ? "disabled"
                : text.IndexOf(" enabled (ASIDs"u8) >= 0 ? "enabled"
                : null;
            context.Report.Add(new LoggedAsids(context.Place, kind) { First = first, Last = last, State = state });
            return Reading.Whole;
        }

        if (!LogText.TryDecimal(text, "supported: "u8, out long count)) return Reading.None;
        context.Report.Add(new LoggedAsids(context.Place, kind) { Count = count });
        return Reading.Whole;
    }

    /// <summary><c>SEV-SNP support requires firmware version &gt;= 1:51</c>.</summary>
    private static Reading TooOld(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        LogText scan = new(text);
        scan.After(">="u8);
        ReadOnlySpan<byte> version = scan.Rest.Trim((byte)' ');
        int separator = version.IndexOfAny((byte)':', (byte)'.');
        LogText major = new(separator < 0 ? default : version[..separator]);
        LogText minor = new(separator < 0 ? default : version[(separator + 1)..]);
        bool isWhole = major.Decimal(out long first) & minor.Decimal(out long second);
        isWhole &= first is >= 0 and < 1000 && second is >= 0 and < 1000;
        if (!isWhole && !isLast) return Reading.Part;
        context.Report.Add(isWhole
            ? new LoggedRmpFact(context.Place, RmpFact.FirmwareTooOld, (ulong)first, (ulong)second, LogText.Printable(text))
            : new LoggedRmpFact(context.Place, RmpFact.Refused, text: LogText.Printable(text)));
        return Reading.Whole;
    }

    private static Reading TimedOut(ReadOnlySpan<byte> text, LogContext context)
    {
        if (!LogText.TryHex(text, "command "u8, out ulong command)) return Reading.None;
        context.Report.Add(new LoggedFirmware(context.Place, FirmwareReport.TimedOut, FormattableString.Invariant($"0x{command:x}"))
        {
            Status = null,
        });
        return Reading.Whole;
    }

    private static Reading Failure(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        bool isSnp = text.IndexOf("SEV-SNP"u8) >= 0;
        FirmwareReport report;
        string command;
        if (text.IndexOf("failed to INIT"u8) >= 0)
        {
            report = FirmwareReport.InitFailed;
            command = isSnp ? "SNP_INIT" : "INIT";
        }
        else if (text.IndexOf("failed to SHUTDOWN"u8) >= 0 || text.IndexOf("firmware shutdown failed"u8) >= 0)
        {
            report = FirmwareReport.ShutdownFailed;
            command = isSnp ? "SNP_SHUTDOWN" : "SHUTDOWN";
        }
        else
        {
            return Command(text, context, isLast);
        }

        if (IsAbout(text)) return Trouble(text, context);
        int? code = Code(text);
        ulong? status = Status(text);
        if ((code is null || status is null) && !isLast && text.IndexOf("continue"u8) < 0) return Reading.Part;
        if (code is null && status is null && report == FirmwareReport.InitFailed) return Reading.None;
        Add(context, report, command, code, status);
        return Reading.Whole;
    }

    /// <summary><c>sev command 0x81 failed (0x00000003)</c>, and the newer <c>SEV: INIT_EX failed 0x3, rc -5</c>.</summary>
    private static Reading Command(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        LogText scan = new(text);
        if (scan.AfterWord("sev command "u8) && scan.Hex(out ulong number) && scan.After("failed"u8) && scan.Hex(out ulong status))
        {
            Add(context, FirmwareReport.CommandFailed, FormattableString.Invariant($"0x{number:x}"), null, status);
            return Reading.Whole;
        }

        if (text.IndexOf("failed to get status"u8) >= 0 && Status(text) is { } told)
        {
            Add(context, FirmwareReport.CommandFailed, "PLATFORM_STATUS", null, told);
            return Reading.Whole;
        }

        if (Vmm(text, context)) return Reading.Whole;
        scan = new(text);
        if (scan.After("Failed to reclaim PFN "u8))
        {
            if (LogText.Integer(scan.Rest, "rc "u8) is not { } reclaimed || LogText.Integer(scan.Rest, "fw_err "u8) is not { } reason)
            {
                return isLast ? Reading.None : Reading.Part;
            }

            Add(context, FirmwareReport.CommandFailed, "SNP_PAGE_RECLAIM", reclaimed, (ulong)(uint)reason);
            return Reading.Whole;
        }

        if (IsAbout(text)) return Trouble(text, context);
        int at = text.IndexOf(" failed"u8);
        if (text.IndexOf("launch update failed"u8) >= 0)
        {
            bool hasResult = LogText.TryHex(text, "ret: "u8, out ulong result);
            if (!hasResult || Status(text) is not { } refusal) return Reading.Part;
            Add(context, FirmwareReport.CommandFailed, "SNP_LAUNCH_UPDATE", (int)(uint)result, refusal);
            return Reading.Whole;
        }

        if (at < 0 || (text.IndexOf("SEV: "u8) < 0 && text.IndexOf("SEV-SNP"u8) < 0)) return Reading.None;
        ReadOnlySpan<byte> name = text[..at];
        name = name[(name.LastIndexOf((byte)' ') + 1)..];
        if (!IsCommand(name)) return Reading.None;
        scan = new(text[(at + 7)..]);
        int? code = Code(scan.Rest);
        ulong? error = Status(scan.Rest);
        if (error is null && scan.Rest.StartsWith(" 0x"u8) && scan.Hex(out status)) error = status;
        if ((code is null || error is null) && !isLast) return Reading.Part;
        if (code is null && error is null && !name.SequenceEqual("DF_FLUSH"u8)) return Reading.None;
        bool isInit = name.IndexOf("INIT"u8) >= 0;
        Add(context, isInit ? FirmwareReport.InitFailed : FirmwareReport.CommandFailed, LogText.Printable(name), code, error);
        return Reading.Whole;
    }

    /// <summary>What the driver says of commands that it could not send, or not send as they were.</summary>
    private static bool IsAbout(ReadOnlySpan<byte> text) =>
        text.IndexOf("too many firmware commands"u8) >= 0 || text.IndexOf("retrying INIT command because"u8) >= 0
        || text.IndexOf("TMR allocation failed"u8) >= 0 || text.IndexOf("NV memory"u8) >= 0
        || text.IndexOf("range list memory allocation failed"u8) >= 0 || text.IndexOf("walk_iomem_res_desc failed"u8) >= 0
        || text.IndexOf("non volatile memory area"u8) >= 0 || text.IndexOf("Failed to update SEV firmware"u8) >= 0;

    private static Reading Trouble(ReadOnlySpan<byte> text, LogContext context)
    {
        context.Report.Add(new LogNote(context.Place, LogNoteKind.FirmwareTrouble, LogText.Printable(text))
        {
            Code = LogText.Integer(text, "rc = "u8) ?? LogText.Integer(text, "error "u8) ?? LogText.Integer(text, "ret "u8),
        });
        return Reading.Whole;
    }

    /// <summary><c>qemu-system-x86_64: sev_snp_launch_update: SNP_LAUNCH_UPDATE ret=-5 fw_error=22 'Invalid parameter'</c>, as QEMU prints
    /// it, with a decimal status.</summary>
    private static bool Vmm(ReadOnlySpan<byte> text, LogContext context)
    {
        int at = text.IndexOf(" ret="u8);
        if (at <= 0) return false;
        if (LogText.Integer(text, "ret="u8) is not { } code || FirmwareError(text) is not { } status) return false;
        ReadOnlySpan<byte> before = text[..at];
        if (before.EndsWith(" failed"u8)) before = before[..^7];
        ReadOnlySpan<byte> name = before[(before.LastIndexOf((byte)' ') + 1)..];
        if (name.StartsWith("SEV_CMD_"u8)) name = name[8..];
        string? command = IsCommand(name) ? LogText.Printable(name)
            : before.EndsWith("failed to initialize"u8) ? "INIT"
            : before.EndsWith("failed to get platform status"u8) ? "PLATFORM_STATUS"
            : before.EndsWith("failed to inject secret"u8) ? "LAUNCH_SECRET"
            : null;
        if (command is null) return false;
        Add(context, FirmwareReport.CommandFailed, command, code, status);
        return true;
    }

    /// <summary><c>fw_error=22 'Invalid parameter'</c>, <c>fw_error='22: Invalid parameter'</c>: a decimal status.</summary>
    private static ulong? FirmwareError(ReadOnlySpan<byte> text)
    {
        LogText scan = new(text);
        if (!scan.AfterWord("fw_error="u8)) return null;
        LogText number = new(scan.Rest.TrimStart((byte)'\''));
        return number.Decimal(out long value) && value is >= 0 and <= uint.MaxValue ? (ulong)value : null;
    }

    /// <summary>Linux's error, in each of the ways in which it is printed.</summary>
    private static int? Code(ReadOnlySpan<byte> text) => LogText.Integer(text, "rc "u8) ?? LogText.Integer(text, "ret = "u8)
        ?? LogText.Integer(text, "ret="u8) ?? LogText.Integer(text, "rc="u8);

    /// <summary>The firmware's status.</summary>
    private static ulong? Status(ReadOnlySpan<byte> text) =>
        LogText.TryHex(text, "error "u8, out ulong value) || LogText.TryHex(text, "error = "u8, out value)
        || LogText.TryHex(text, "error="u8, out value) || LogText.TryHex(text, "fw_error: "u8, out value)
        || LogText.TryHex(text, "Error: "u8, out value) ? value : null;

    private static bool IsCommand(ReadOnlySpan<byte> name)
    {
        if (name.Length < 4) return false;
        foreach (byte character in name)
        {
            if (character is not ((>= (byte)'A' and <= (byte)'Z') or (byte)'_')) return false;
        }

        return true;
    }

    private static void Add(LogContext context, FirmwareReport report, string command, int? code, ulong? status) =>
        context.Report.Add(new LoggedFirmware(context.Place, report, command) { Code = code, Status = status });
}
