using System;
using System.Globalization;
using FastRmp.Iommu;

namespace FastRmp.Images;

/// <summary>Events of an AMD IOMMU of which the four words are printed: by Xen all but page faults, by Linux those of a code that it does
/// not know. Source: Xen xen/drivers/passthrough/amd/iommu_init.c (parse_event_log_entry), Linux drivers/iommu/amd/iommu.c.</summary>
internal static class IommuWords
{
    private const int WordDigits = 8;

    private static readonly byte[][] XenNames =
    [
        "ILLEGAL_DEV_TABLE_ENTRY"u8.ToArray(), "DEV_TABLE_HW_ERROR"u8.ToArray(), "PAGE_TABLE_HW_ERROR"u8.ToArray(),
        "ILLEGAL_COMMAND_ERROR"u8.ToArray(), "COMMAND_HW_ERROR"u8.ToArray(), "IOTLB_INV_TIMEOUT"u8.ToArray(),
        "INVALID_DEV_REQUEST"u8.ToArray(),
    ];

    internal static Reading Read(ReadOnlySpan<byte> text, LogContext context)
    {
        Span<uint> words = stackalloc uint[4];
        string name;
        if (text.IndexOf("Event logged [UNKNOWN"u8) >= 0)
        {
            name = "UNKNOWN";
            if (!TryNamed(text, words)) return Reading.Part;
        }
        else
        {
            ReadOnlySpan<byte> found = XenName(text);
            if (found.IsEmpty || !TryBare(text[found.Length..], words)) return Reading.None;
            name = LogText.Printable(found);
        }

        IommuEvent logged = new(words[0], words[1], words[2], words[3]);
        bool hasDevice = logged.Code is not (IommuEventCode.IllegalCommandError or IommuEventCode.CommandHardwareError);
        context.Report.CountFault();
        context.Report.Add(new LoggedIommuEvent(context.Place, name, logged.Code)
        {
            Device = hasDevice ? logged.Device.ToString(null, CultureInfo.InvariantCulture) : null,
            Address = logged.Address,
            Flags = (ulong)logged.Flags,
            Domain = hasDevice ? logged.Pasid : null,
        });
        return Reading.Whole;
    }

    private static ReadOnlySpan<byte> XenName(ReadOnlySpan<byte> text)
    {
        foreach (byte[] name in XenNames)
        {
            if (text.StartsWith(name) && text.Length > name.Length && text[name.Length] == ' ') return name;
        }

        return default;
    }

    private static bool TryBare(ReadOnlySpan<byte> text, Span<uint> words)
    {
        LogText scan = new(text);
        for (int i = 0; i < words.Length; i++)
        {
            ReadOnlySpan<byte> rest = scan.Rest.TrimStart((byte)' ');
            if (rest.Length < WordDigits || !scan.Hex(out ulong word) || rest.Length - scan.Rest.Length != WordDigits) return false;
            words[i] = (uint)word;
        }

        return scan.Rest.Trim((byte)' ').IsEmpty;
    }

    private static bool TryNamed(ReadOnlySpan<byte> text, Span<uint> words)
    {
        LogText scan = new(text);
        foreach (ref uint word in words)
        {
            if (!scan.After("event["u8) || !scan.After("]="u8) || !scan.Hex(out ulong value)) return false;
            word = (uint)value;
        }

        return true;
    }
}
