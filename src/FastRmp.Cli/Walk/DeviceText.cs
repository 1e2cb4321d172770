using System;
using System.Globalization;
using FastRmp.Cli.Decode;
using FastRmp.Cli.Shell;
using FastRmp.Cli.Sources;
using FastRmp.Images;
using FastRmp.Iommu;

namespace FastRmp.Cli.Walk;

/// <summary>A device's request in words: device table entry, a line for each level, how it ended and what the IOMMU logs.</summary>
internal sealed class DeviceText(Session session, IommuState iommu, ImageMemory memory)
{
    private const int HighestMode = 6;
    private const string GuestSpace = "gPA ";
    private const string Indent = "    ";

    private readonly ulong _encryptionMask = iommu.EncryptionBit is { } bit ? 1UL << bit : 0;

    private ulong _last; // the entry read last
    private DeviceTableEntry _device;

    /// <summary>What is asked.</summary>
    internal void Begin(in IommuRequest request, DeviceId device)
    {
        string kind = request.IsWrite ? "write" : request.IsExecute ? "read to execute" : "read";
        if (request.IsPrivileged) kind = "privileged " + kind;
        string pasid = request.Pasid is { } number ? string.Create(CultureInfo.InvariantCulture, $", PASID {number}") : string.Empty;
        Line($"{Hex(request.Address.Value)}: {kind} of device {device}{pasid}, device table {Hex(iommu.TableAddress.Value)}");
    }

    /// <summary>The device table entry.</summary>
    internal void DeviceEntry(PhysicalAddress address, in DeviceTableEntry entry)
    {
        _device = entry;
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"  DTE     at 0x{address.Value:x}: {entry.Word0:x16} {entry.Word1:x16} {entry.Word2:x16} {entry.Word3:x16} {Rights(entry.Readable, entry.Writable)}  {DeviceTableEntryText.Kind(entry)}");
        bool hasTables = entry is { Valid: true, TranslationValid: true, Mode: > 0 and <= HighestMode };
        if (hasTables && !entry.GuestTranslationValid) text += $" at {Hex(entry.Root.Value & ~_encryptionMask)}";
        if (entry is { Valid: true, TranslationValid: true, GuestTranslationValid: true })
        {
            text += $"; the GCR3 table is at {Hex(entry.GuestCr3Table.Value & ~_encryptionMask)}";
            if (hasTables) text += $", the host tables are at {Hex(entry.Root.Value & ~_encryptionMask)}";
        }

        if (entry.Valid) text += string.Create(CultureInfo.InvariantCulture, $", domain {entry.DomainId}");
        Line(text);
    }

    /// <summary>A line for each entry read; below one of the guest's the host entries that led there.</summary>
    internal void Steps(ReadOnlySpan<WalkStep> steps, IommuWalkResult result)
    {
        if (!steps.IsEmpty) _last = steps[^1].Value;
        while (!steps.IsEmpty)
        {
            int length = 0;
            while (length < steps.Length && steps[length].Stage == WalkStage.Nested) length++;
            if (length == steps.Length) break;
            WalkStep step = steps[length];
            Line("  " + (step.Stage switch
            {
                WalkStage.Host => Host(step),
                WalkStage.Gcr3 => Gcr3(step),
                _ => Guest(step),
            }));
            foreach (WalkStep below in steps[..length]) Line(Indent + Host(below));
            steps = steps[(length + 1)..];
        }

        if (steps.IsEmpty) return;
        Line($"  {(result.Stage == WalkStage.Guest ? "page   " : "then   ")} at {GuestSpace}{Hex(result.GuestAddress.Value)}");
        foreach (WalkStep below in steps) Line(Indent + Host(below));
    }

    /// <summary>How it ended.</summary>
    /// <param name="result">The outcome.</param>
    /// <param name="device">Who asked.</param>
    /// <param name="entry">Its device table entry.</param>
    /// <param name="request">What.</param>
    /// <param name="hasRefusedEntry">Whether an RMP violation is one of the IOMMU's own write.</param>
    internal void End(IommuWalkResult result, DeviceId device, in DeviceTableEntry entry, in IommuRequest request, bool hasRefusedEntry)
    {
        switch (result.Status)
        {
            case IommuStatus.Mapped:
                string guest = result.Stage == WalkStage.Guest && entry.Mode != 0
                    ? $"; {GuestSpace}{Hex(result.GuestAddress.Value)}"
                    : string.Empty;
                Line($"page: {Page(result)}, {Words(result.Rights)}{guest}");
                break;
            case IommuStatus.OutsideMemory or IommuStatus.DeviceTableOutsideMemory:
                Line($"end: the {Entry(result)} {AbsenceText.Of(memory, result.Address)}");
                break;
            case IommuStatus.Interrupt:
                Line("end: an interrupt, no access to memory: 0xfee00000 to 0xfeefffff is not walked");
                break;
            default:
                Line($"fault: {Reason(result, request, hasRefusedEntry)}");
                if (!IommuEvent.TryCreate(result, device, entry, request, iommu.Choices, out IommuEvent logged))
                {
                    Line("event: none, the device table entry suppresses all (SA)");
                    break;
                }

                ulong flags = (ulong)logged.Flags;
                Line(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"flags: 0x{flags:x4}  {IommuFlagsText.Names(flags, logged.Code)}: {IommuFlagsText.Meaning(flags, logged.Code)}"));
                Line($"event: {logged}");
                break;
        }
    }

    /// <summary>What the IOMMU logs if it is not the image alone that lacks an RMP entry.</summary>
    internal void UnreadableRmp(DeviceId device, PhysicalAddress page, PhysicalAddress entry, bool isWrite) =>
        Line(
            $"event: if the IOMMU cannot read the RMP entry either, {IommuEvent.CreateForUnreadableRmp(device, page, entry, isWrite, iommu.Choices)}");

    /// <summary>The entry at which a request ended.</summary>
    internal static string Entry(IommuWalkResult result)
    {
        string at = $"at {Hex(result.Address.Value)}";
        if (result.Status == IommuStatus.DeviceTableOutsideMemory) return "device table entry " + at;
        return result.Stage switch
        {
            WalkStage.Gcr3 => string.Create(CultureInfo.InvariantCulture, $"GCR3 entry of level {result.Level} {at}"),
            WalkStage.Guest => $"{PagingEntryText.Name((PagingLevel)result.Level)} {at}",
            WalkStage.Nested =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"entry of level {result.Level} {at}, on the way to gPA 0x{result.GuestAddress.Value:x},"),
            _ => string.Create(CultureInfo.InvariantCulture, $"entry of level {result.Level} {at}"),
        };
    }

    private string Reason(IommuWalkResult result, in IommuRequest request, bool hasRefusedEntry)
    {
        string page = "the page at " + Page(result);
        bool isNested = result.Stage == WalkStage.Nested;
        return result.Status switch
        {
            IommuStatus.SkippedBits => $"the {Entry(result)} skips levels, and the address bits left out are not zero",
            IommuStatus.NotPresent => $"the {Entry(result)} is not present",
            IommuStatus.MalformedEntry => $"the {Entry(result)} is malformed: that level or size cannot be",
            IommuStatus.ForbiddenBits => $"the {Entry(result)} has reserved bits set{Forbidden(result)}",
            IommuStatus.InvalidGcr3 => $"the {Entry(result)} is not valid",
            IommuStatus.PasidOutOfReach => "the PASID is beyond the GCR3 table",
            IommuStatus.NonCanonical =>
                string.Create(
                    CultureInfo.InvariantCulture, $"the address is not canonical for guest tables of {4 + _device.GuestPagingMode} levels"),
            IommuStatus.RmpViolation when hasRefusedEntry => $"the RMP forbids the IOMMU to mark the {Entry(result)}",
            IommuStatus.RmpViolation when !result.HasPage => $"the RMP forbids the IOMMU's access to the {Entry(result)}",
            IommuStatus.RmpViolation => $"the RMP forbids it for {page}",
            IommuStatus.OutOfReach when isNested =>
                $"{GuestSpace}{Hex(result.GuestAddress.Value)} is beyond the reach of the host tables{Reach()}",
            IommuStatus.OutOfReach => $"the address is beyond the reach of the tables{Reach()}",
            IommuStatus.NoTranslation => "the device has no translation (V = 1, TV = 0): its requests are aborted",
            IommuStatus.BeyondDeviceTable => "the device is beyond the device table",
            IommuStatus.IllegalDeviceTableEntry or IommuStatus.ForbiddenDeviceTableBits =>
                $"the device table entry is {DeviceTableEntryCheck.Of(_device, iommu)}",
            IommuStatus.RightsViolation when result is { Level: 0, HasPage: false } =>
                $"the device table entry, {Words(result.Rights)}, does not allow it",
            IommuStatus.RightsViolation when result.Stage == WalkStage.Guest =>
                $"the {Entry(result)} and those above do not allow it: {Missing(result, request)}",
            IommuStatus.RightsViolation when isNested =>
                $"the host tables, {Words(result.Rights)}, do not allow it at {GuestSpace}{Hex(result.GuestAddress.Value)}",
            IommuStatus.RightsViolation when !result.HasPage =>
                $"the {Entry(result)} and those above, {Words(result.Rights)}, do not allow it",
            IommuStatus.Contended => "other writers changed an entry each time the IOMMU wanted to mark it",
            _ => $"{page}, {Words(result.Rights)}, does not allow it",
        };
    }

    private static string Missing(IommuWalkResult result, in IommuRequest request)
    {
        if ((result.Cause & IommuEventBits.User) != 0) return "U/S = 0, and the request claims no privilege";
        if ((result.Cause & IommuEventBits.NoExecute) != 0) return "NX";
        return request.IsWrite ? "R/W = 0" : "no right";
    }

    private string Forbidden(IommuWalkResult result) => result.Stage is WalkStage.Gcr3 or WalkStage.Guest
        ? string.Empty
        : $": {Hex(IoPageTableEntryText.Reserved(new IoPageTableEntry(_last & ~_encryptionMask)))}";

    private string Reach()
    {
        if (_device.Mode is 0 or >= HighestMode) return ", and no physical address";
        ulong last = (1UL << (IoPageSize.MinShift + (9 * _device.Mode))) - 1;
        return string.Create(
            CultureInfo.InvariantCulture, $": {_device.Mode} {(_device.Mode == 1 ? "level ends" : "levels end")} at 0x{last:x}");
    }

    private string Host(WalkStep step)
    {
        IoPageTableEntry entry = new(step.Value & ~_encryptionMask);
        string text = string.Create(
            CultureInfo.InvariantCulture,
            $"level {step.Level} at 0x{step.Address.Value:x}: {step.Value:x16} {Rights(entry.Readable, entry.Writable)}  {IoPageTableEntryText.Kind(entry, step.Level)}");
        if (!entry.Present || IoPageTableEntryText.Reserved(entry) != 0) return text;
        bool isPage = IoPageSize.TryDecode(entry, step.Level, out int shift);
        if (entry.NextLevel is 0 or IoPageSize.EncodedLevel && isPage)
        {
            text += $"; the page is at {Hex(IoPageSize.DecodeBase(entry, shift).Value)}";
        }
        else if (entry.NextLevel is > 0 and < IoPageSize.EncodedLevel
            && entry.NextLevel < step.Level)
        {
            text += $"; the table is at {Hex(entry.Address.Value)}";
        }

        return text;
    }

    private string Gcr3(WalkStep step)
    {
        PagingEntry entry = step.Entry; // V and the address are in the same places
        string target = Hex(entry.Address.Value & ~_encryptionMask);
        string kind = !entry.Present ? "not valid"
            : step.Level == 1 ? $"the root of the guest tables is at {(_device.Mode == 0 ? string.Empty : GuestSpace)}{target}"
            : string.Create(CultureInfo.InvariantCulture, $"points to the GCR3 table of level {step.Level - 1} at {Space(step)}{target}");
        return string.Create(CultureInfo.InvariantCulture, $"GCR3 {step.Level}  at {Place(step)}: {step.Value:x16}  {kind}");
    }

    private string Guest(WalkStep step) =>
        $"{PagingEntryText.Name(step.PagingLevel),-7} at {Place(step)}: {EntryLine.Describe(step.Entry, step.PagingLevel, _encryptionMask, _device.Mode == 0 ? string.Empty : GuestSpace)}";

    private static string Place(WalkStep step) =>
        Space(step).Length == 0 ? Hex(step.Address.Value) : $"gPA {Hex(step.Gpa.Value)}, sPA {Hex(step.Address.Value)}";

    private static string Space(WalkStep step) => step.Gpa.Value == 0 ? string.Empty : GuestSpace;

    private static string Page(IommuWalkResult result) =>
        $"{Hex(result.Address.Value)}, {(result.Level == 0 ? "not translated" : IoPageTableEntryText.Size(result.SizeShift))}";

    private static string Words(DmaRights rights)
    {
        string text = (rights & (DmaRights.Read | DmaRights.Write)) switch
        {
            DmaRights.None => "no rights",
            DmaRights.Read => "read-only",
            DmaRights.Write => "write-only",
            _ => "readable, writable",
        };
        return (rights & DmaRights.Execute) != 0 ? text + ", executable" : text;
    }

    private static string Rights(bool read, bool write) => (read ? "r" : "-") + (write ? "w" : "-");

    private void Line(string text) => session.Output.WriteLine(text);

    private static string Hex(ulong value) => EntryLine.Hex(value);
}
