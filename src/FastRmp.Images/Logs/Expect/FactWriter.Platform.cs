using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace FastRmp.Images;

/// <content>Firmware, address-space identifiers, IOMMU.</content>
internal static partial class FactWriter
{
    private static void Platform(LogReport report, Utf8JsonWriter writer)
    {
        Ranges(report, writer);
        Counts(report, writer);
        if (Fact(report, RmpFact.AvicForcedOff) is not null) writer.WriteBoolean("avic_forced_off", true);
        if (Fact(report, RmpFact.IommuSnp) is { } iommu) writer.WriteBoolean("iommu_snp", iommu.First != 0);
        foreach (LoggedFirmware firmware in All<LoggedFirmware>(report))
        {
            if (firmware is not { Report: FirmwareReport.Version, Command: "SEV-SNP", Version: { } version }) continue;
            writer.WriteString(
                "snp_api", string.Create(CultureInfo.InvariantCulture, $"{version.Major}.{version.Minor} build {version.Build}"));
            break;
        }

        Processor(report, writer);
        Init(report, writer, "sev_init", isSnp: false);
        Init(report, writer, "snp_init", isSnp: true);
    }

    private static void Ranges(LogReport report, Utf8JsonWriter writer)
    {
        bool any = false;
        LoggedAsids? sev = null;
        HashSet<string> seen = [];
        foreach (LoggedAsids asids in All<LoggedAsids>(report))
        {
            if (asids.First is not { } first || asids.Last is not { } last || !seen.Add(asids.Kind)) continue;
            if (!any) writer.WriteStartObject("asids");
            any = true;
            if (asids.Kind == "sev") sev = asids;
            writer.WriteStartArray(asids.Kind);
            writer.WriteNumberValue(first);
            writer.WriteNumberValue(last);
            writer.WriteEndArray();
        }

        if (any) writer.WriteEndObject();
        if (sev is not null && sev.First > sev.Last) writer.WriteBoolean("sev_asid_range_empty", true);
    }

    private static void Counts(LogReport report, Utf8JsonWriter writer)
    {
        bool any = false;
        HashSet<string> seen = [];
        foreach (LoggedAsids asids in All<LoggedAsids>(report))
        {
            if (asids.Count is not { } count || !seen.Add(asids.Kind)) continue;
            if (!any) writer.WriteStartObject("asid_counts");
            any = true;
            writer.WriteNumber(asids.Kind, count);
        }

        if (any) writer.WriteEndObject();
    }

    /// <summary>The secure processor: a command without an answer, and how its shutdown ended.</summary>
    private static void Processor(LogReport report, Utf8JsonWriter writer)
    {
        List<LoggedFirmware> all = All<LoggedFirmware>(report);
        LoggedFirmware? timeout = all.Find(static firmware => firmware.Report == FirmwareReport.TimedOut);
        List<LoggedFirmware> shutdowns = all.FindAll(static firmware => firmware.Report == FirmwareReport.ShutdownFailed);
        if (timeout is null && !shutdowns.Exists(static shutdown => shutdown.Code is not null || shutdown.Status is not null)) return;
        writer.WriteStartObject("psp");
        if (timeout is not null)
        {
            writer.WriteString("command", timeout.Command);
            writer.WriteBoolean("timed_out", true);
        }

        foreach (LoggedFirmware shutdown in shutdowns)
        {
            bool isFirst = shutdown == shutdowns.Find(other => other.Command == shutdown.Command);
            if (!isFirst || shutdown.Code is not { } code) continue;
            writer.WriteNumber(shutdown.Command == "SHUTDOWN" ? "shutdown_rc" : "snp_shutdown_rc", code);
        }

        if (shutdowns.Find(static shutdown => shutdown.Status is not null)?.Status is { } status) Hex(writer, "shutdown_fw_error", status);
        writer.WriteEndObject();
    }

    /// <summary>How an initialisation failed; of SNP's also that the driver did not try, and why.</summary>
    private static void Init(LogReport report, Utf8JsonWriter writer, string name, bool isSnp)
    {
        LoggedFirmware? failed = All<LoggedFirmware>(report).Find(firmware => firmware.Report == FirmwareReport.InitFailed
            && firmware.Command.StartsWith("SNP", System.StringComparison.Ordinal) == isSnp);
        LoggedRmpFact? old = isSnp ? All<LoggedRmpFact>(report).Find(static fact => fact.Fact == RmpFact.FirmwareTooOld) : null;
        if (failed is null && old is null) return;
        writer.WriteStartObject(name);
        writer.WriteBoolean("ok", false);
        if (failed?.Code is { } code) writer.WriteNumber("rc", code);
        if (failed?.Status is { } status) Hex(writer, "fw_error", status);
        if (failed is null && old is not null)
        {
            writer.WriteString("reason", string.Create(CultureInfo.InvariantCulture, $"firmware older than {old.First}.{old.Second}"));
        }

        writer.WriteEndObject();
    }
}
