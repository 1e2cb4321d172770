using System;

namespace FastRmp.Images;

/// <summary>Events of an AMD IOMMU, as Linux and Xen print them, and what follows an event: the device table entry or the command. Source:
/// Linux drivers/iommu/amd/iommu.c of 7.x back to drivers/iommu/amd_iommu.c of 4.x; Xen xen/drivers/passthrough/amd/iommu_init.c.</summary>
internal static class IommuMessages
{
    private const int DumpLines = 10;

    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context, bool isLast)
    {
        Reading reading = Dump(text, context);
        if (reading != Reading.None) return reading;
        reading = State(text, context);
        if (reading == Reading.None) reading = IommuWords.Read(text, context);
        if (reading != Reading.None) return reading;
        int at = FindName(text, out string name, out IommuEventCode code);
        if (at >= 0) return Event(text, at, name, code, context, isLast);
        return text.IndexOf("Event logged ["u8) >= 0 && text.IndexOf((byte)']') < 0 ? Reading.PartOfTwo : Reading.None;
    }

    private static Reading Event(
        ReadOnlySpan<byte> text, int at, string name, IommuEventCode code, LogContext context, bool isLast)
    {
        ReadOnlySpan<byte> fields = text[(at + name.Length)..];
        bool isLinux = text[..at].EndsWith("["u8) || text.IndexOf("Event logged"u8) >= 0 || fields.StartsWith(" device="u8);
        if (isLinux && !fields.Contains((byte)']') && !isLast) return Reading.Part;
        LoggedIommuEvent logged = new(context.Place, name, code)
        {
            Device = Device(text, at, fields),
            Address = Field(fields, "address="u8, "gpa="u8, "spa="u8, "addr "u8, "fault address = "u8),
            Flags = Field(fields, "flags="u8, "flags "u8, "flags = "u8),
            Domain = Field(fields, "domain="u8, "pasid="u8, "domain = "u8),
            RmpFlags = Field(fields, "flags_rmp="u8),
            VmgTag = Field(fields, "vmg_tag="u8),
        };
        if (logged.Address is null && logged.Flags is null) return isLast ? Reading.None : Reading.Part;
        context.Event = logged;
        context.Report.CountFault();
        context.Report.Add(logged);
        context.Attend(DumpLines);
        return Reading.Whole;
    }

    private static ulong? Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, ReadOnlySpan<byte> other = default,
        ReadOnlySpan<byte> third = default, ReadOnlySpan<byte> fourth = default, ReadOnlySpan<byte> fifth = default)
    {
        if (LogText.TryHex(text, name, out ulong value)) return value;
        if (!other.IsEmpty && LogText.TryHex(text, other, out value)) return value;
        if (!third.IsEmpty && LogText.TryHex(text, third, out value)) return value;
        if (!fourth.IsEmpty && LogText.TryHex(text, fourth, out value)) return value;
        return !fifth.IsEmpty && LogText.TryHex(text, fifth, out value) ? value : null;
    }

    /// <summary>Which event a line names, and where.</summary>
    internal static int FindName(ReadOnlySpan<byte> text, out string name, out IommuEventCode code)
    {
        for (code = IommuEventCode.IllegalDeviceTableEntry; code <= IommuEventCode.RmpHardwareError; code++)
        {
            if (Find(text, IommuEventNames.Of(code), out int at))
            {
                name = IommuEventNames.Of(code);
                return at;
            }
        }

        code = IommuEventCode.RmpHardwareError;
        name = "RMP_HW_ERROR";
        if (Find(text, name, out int other)) return other;
        code = IommuEventCode.DeviceTableHardwareError;
        name = "DEV_TABLE_HW_ERROR"; // Xen's names
        if (Find(text, name, out other)) return other;
        code = IommuEventCode.PageTableHardwareError;
        name = "PAGE_TABLE_HW_ERROR";
        if (Find(text, name, out other)) return other;
        code = IommuEventCode.None;
        return -1;
    }

    private static bool Find(ReadOnlySpan<byte> text, string name, out int at)
    {
        Span<byte> bytes = stackalloc byte[32];
        System.Text.Encoding.ASCII.TryGetBytes(name, bytes, out int length);
        at = text.IndexOf(bytes[..length]);
        if (at < 0) return false;
        bool isAlone = at == 0 || !LogText.IsPartOfName(text[at - 1]);
        int end = at + length;
        return isAlone && (end >= text.Length || !LogText.IsPartOfName(text[end]));
    }

    /// <summary>The device in the fields, else the one that the driver's name for it begins with: <c>vfio-pci 0000:0a:00.0:
    /// AMD-Vi:</c>.</summary>
    private static string? Device(ReadOnlySpan<byte> text, int at, ReadOnlySpan<byte> fields)
    {
        LogText scan = new(fields);
        if (scan.AfterWord("device="u8)) return Bdf(scan.Rest);
        if (LogText.TryHex(fields, "device id = "u8, out ulong number) && number <= ushort.MaxValue)
        {
            return new DeviceId((ushort)number).ToString(null, System.Globalization.CultureInfo.InvariantCulture);
        }

        ReadOnlySpan<byte> head = text[..at];
        int mark = head.IndexOf("AMD-Vi"u8);
        if (mark > 0)
        {
            head = head[..mark].TrimEnd(": "u8);
            int blank = head.LastIndexOf((byte)' ');
            string? device = Bdf(head[(blank + 1)..]);
            if (device is not null) return device;
        }

        int colon = fields.IndexOf(": "u8); // Xen: "IO_PAGE_FAULT: 0000:03:00.0 d0 addr …"
        return colon is >= 0 and < 3 ? Bdf(fields[(colon + 2)..]) : null;
    }

    private static string? Bdf(ReadOnlySpan<byte> text)
    {
        int end = 0;
        while (end < text.Length && (LogText.HexDigit(text[end]) >= 0 || text[end] is (byte)':' or (byte)'.')) end++;
        ReadOnlySpan<byte> device = text[..end].TrimEnd(":."u8);
        return device.Length is >= 6 and <= 14 && device.Contains((byte)':') && device.Contains((byte)'.') ? LogText.Printable(device)
            : null;
    }

    /// <summary>The lines after an event.</summary>
    private static Reading Dump(ReadOnlySpan<byte> text, LogContext context)
    {
        if (context.Event is not { } logged) return Reading.None;
        if (LogText.TryHex(text, "Control Reg :"u8, out ulong control))
        {
            logged.Control = control;
            logged.LastLine = context.Line;
            return Reading.Whole;
        }

        bool isCommand = text.IndexOf("CMD["u8) >= 0;
        LogText scan = new(text);
        if (!scan.After("DTE["u8) && !scan.After("CMD["u8)) return Reading.None;
        if (!scan.Decimal(out long index) || index != logged.List.Count || index > 3 || !scan.After("]"u8) || !scan.Hex(out ulong word))
        {
            return Reading.None;
        }

        logged.List.Add(word);
        logged.IsCommand = isCommand;
        logged.LastLine = context.Line;
        context.Attend(DumpLines);
        return Reading.Whole;
    }

    private static Reading State(ReadOnlySpan<byte> text, LogContext context)
    {
        if (text.IndexOf("IOMMU SNP support enabled"u8) >= 0 || text.IndexOf("IOMMU SNP support is enabled"u8) >= 0)
        {
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.IommuSnp, 1));
            return Reading.Whole;
        }

        bool isLog = text.IndexOf(" log overflow"u8) >= 0 || text.IndexOf(" log restarting"u8) >= 0;
        if (isLog && text.IndexOf("IOMMU "u8) >= 0 && text.IndexOf("AMD-Vi"u8) >= 0)
        {
            context.Report.Add(new LogNote(context.Place, LogNoteKind.EventsLost, LogText.Printable(text)));
            return Reading.Whole;
        }

        if (text.IndexOf("Virtual APIC due to SNP"u8) >= 0)
        {
            context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.AvicForcedOff, 1));
            return Reading.Whole;
        }

        if (text.IndexOf("SNP cannot be supported"u8) < 0 && text.IndexOf("IOMMU is either disabled or configured in passthrough"u8) < 0)
        {
            return Reading.None;
        }

        context.Report.Add(new LoggedRmpFact(context.Place, RmpFact.IommuSnp, 0, text: LogText.Printable(text)));
        return Reading.Whole;
    }
}
