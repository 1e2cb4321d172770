using System;
using System.Globalization;
using FastRmp.Addressing;
using FastRmp.Cli.Decode;
using FastRmp.Cli.Shell;
using FastRmp.Iommu;
using FastRmp.Layouts;

namespace FastRmp.Cli.Walk;

/// <summary>A device's request in words: device table entry, a line for each level, how it ended and what the IOMMU logs.</summary>
internal sealed class DeviceText(Session session)
{
    private const int HighestMode = 6;

    private bool _endsPresent;

    /// <summary>What is asked.</summary>
    internal void Begin(DeviceAddress address, DeviceId device, bool isWrite, PhysicalAddress table) =>
        Line($"{Hex(address.Value)}: {(isWrite ? "write" : "read")} of device {device}, device table {Hex(table.Value)}");

    /// <summary>The device table entry.</summary>
    internal void DeviceEntry(PhysicalAddress address, in DeviceTableEntry entry)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"  DTE     at 0x{address.Value:x}: {entry.Word0:x16} {entry.Word1:x16} {entry.Word2:x16} {entry.Word3:x16} {Rights(entry.Readable, entry.Writable)}  {DeviceTableEntryText.Kind(entry)}");
        if (entry is { Valid: true, TranslationValid: true, GuestTranslationValid: false, Mode: > 0 and <= HighestMode }) text += string.Create(CultureInfo.InvariantCulture, $" at 0x{entry.Root.Value:x}");
        if (entry.Valid) text += string.Create(CultureInfo.InvariantCulture, $", domain {entry.DomainId}");
        Line(text);
    }

    /// <summary>A line for each page-table entry read.</summary>
    internal void Steps(ReadOnlySpan<IoWalkStep> steps)
    {
        foreach (IoWalkStep step in steps)
        {
            IoPageTableEntry entry = step.Entry;
            _endsPresent = entry.Present;
            string text = string.Create(CultureInfo.InvariantCulture, $"  level {step.Level} at 0x{step.Address.Value:x}: {entry.Value:x16} {Rights(entry.Readable, entry.Writable)}  {IoPageTableEntryText.Kind(entry, step.Level)}");
            bool isPage = IoPageSize.TryDecode(entry, step.Level, out int shift);
            if (entry.Present && entry.NextLevel is 0 or IoPageSize.EncodedLevel && isPage) text += $"; the page is at {Hex(IoPageSize.DecodeBase(entry, shift).Value)}";
            else if (entry.Present && entry.NextLevel is > 0 and < IoPageSize.EncodedLevel && entry.NextLevel < step.Level) text += $"; the table is at {Hex(entry.Address.Value)}";
            Line(text);
        }
    }

    /// <summary>How it ended.</summary>
    /// <param name="result">The outcome.</param>
    /// <param name="device">Who asked.</param>
    /// <param name="entry">Its device table entry.</param>
    /// <param name="address">Which address.</param>
    /// <param name="isWrite">What for.</param>
    /// <param name="hasRefusedEntry">Whether an RMP violation is one of the IOMMU's own write.</param>
    internal void End(IommuTranslation result, DeviceId device, in DeviceTableEntry entry, DeviceAddress address, bool isWrite, bool hasRefusedEntry)
    {
        switch (result.Status)
        {
            case IommuStatus.Mapped:
                Line($"page: {Page(result)}, {Words(result.Rights)}");
                break;
            case IommuStatus.OutsideMemory or IommuStatus.DeviceTableOutsideMemory:
                Line($"end: the {Entry(result)} is not in the image");
                break;
            case IommuStatus.Interrupt:
                Line("end: an interrupt, no access to memory: 0xfee00000 to 0xfeefffff is not walked");
                break;
            case IommuStatus.GuestTranslationUnsupported:
                Line("end: the device has guest (v2) tables, which are not walked");
                break;
            default:
                Line($"fault: {Reason(result, hasRefusedEntry)}");
                bool isLogged = IommuEvent.TryCreate(result, device, entry, address, isWrite, out IommuEvent logged);
                Line(isLogged ? $"event: {logged}" : "event: none, the device table entry suppresses all (SA)");
                break;
        }
    }

    /// <summary>The entry at which a request ended.</summary>
    internal static string Entry(IommuTranslation result) => result.Status == IommuStatus.DeviceTableOutsideMemory
        ? $"device table entry at {Hex(result.Address.Value)}"
        : string.Create(CultureInfo.InvariantCulture, $"entry of level {result.Level} at 0x{result.Address.Value:x}");

    private string Reason(IommuTranslation result, bool hasRefusedEntry)
    {
        string page = "the page at " + Page(result);
        return result.Status switch
        {
            IommuStatus.NotPresent when _endsPresent => $"the {Entry(result)} skips levels, and the address bits left out are not zero",
            IommuStatus.NotPresent => $"the {Entry(result)} is not present",
            IommuStatus.MalformedEntry => $"the {Entry(result)} is malformed",
            IommuStatus.RmpViolation when hasRefusedEntry => $"the RMP forbids the IOMMU to mark the {Entry(result)}",
            IommuStatus.RmpViolation => $"the RMP forbids it for {page}",
            IommuStatus.OutOfReach => "the address is beyond the reach of the tables",
            IommuStatus.NoTranslation => "the device has no translation (V = 1, TV = 0): its requests are aborted",
            IommuStatus.IllegalDeviceTableEntry => "the device table entry is illegal: mode 7, or under SNP mode 0",
            _ => $"{page}, {Words(result.Rights)}, does not allow it",
        };
    }

    private static string Page(IommuTranslation result) => $"{Hex(result.Address.Value)}, {(result.Level == 0 ? "not translated" : IoPageTableEntryText.Size(result.SizeShift))}";

    private static string Words(DmaRights rights) => rights switch
    {
        DmaRights.None => "no rights",
        DmaRights.Read => "read-only",
        DmaRights.Write => "write-only",
        _ => "readable, writable",
    };

    private static string Rights(bool read, bool write) => (read ? "r" : "-") + (write ? "w" : "-");

    private void Line(string text) => session.Output.WriteLine(text);

    private static string Hex(ulong value) => EntryLine.Hex(value);
}
