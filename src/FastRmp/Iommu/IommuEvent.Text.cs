using System;
using System.Globalization;

namespace FastRmp.Iommu;

/// <content>The line that Linux writes into its log.</content>
public readonly partial struct IommuEvent
{
    private const string Driver = "AMD-Vi: Event logged [";
    private const int LongestLine = 160;

    private enum Naming
    {
        Segment, // device=ssss:bb:dd.f, with segment 0
        Old, // device=bb:dd.f, as kernels did before there were segments
        Known, // none: Linux knows the device, whose name is before the line
    }

    /// <summary>The line that Linux writes, with the device named in the brackets.</summary>
    /// <returns>Format <c>G</c> of <see cref="TryFormat"/>.</returns>
    public override string ToString() => ToString(null, null);

    /// <summary>The line that Linux writes.</summary>
    /// <param name="format">As for <see cref="TryFormat"/>.</param>
    /// <param name="formatProvider">Not used.</param>
    /// <returns>The line, without its end.</returns>
    /// <exception cref="FormatException">Another format than those named.</exception>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        Span<char> buffer = stackalloc char[LongestLine];
        _ = TryFormat(buffer, out int length, format, formatProvider);
        return new string(buffer[..length]);
    }

    /// <summary>Writes the line that Linux writes, from <c>AMD-Vi:</c> on, without its end. Allocates nothing.</summary>
    /// <param name="destination">Receives the text.</param>
    /// <param name="charsWritten">Characters written; 0 if there is no room.</param>
    /// <param name="format">Empty or <c>G</c>: the device is in the brackets, with PCI segment 0. <c>B</c>: without segment, as older
    /// kernels print it. <c>K</c>: as for a PCI device that the kernel knows: page faults and RMP events then do not name it in the
    /// brackets.</param>
    /// <param name="provider">Not used.</param>
    /// <returns>Whether there was room; 160 characters always do.</returns>
    /// <exception cref="FormatException">Another format than those named.</exception>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        Naming naming = format switch
        {
            "" or "G" or "g" => Naming.Segment,
            "B" or "b" => Naming.Old,
            "K" or "k" => Naming.Known,
            _ => throw new FormatException("The format of an IOMMU event is empty, G, B or K."),
        };
        CultureInfo culture = CultureInfo.InvariantCulture;
        string segment = naming == Naming.Old ? string.Empty : "0000:";
        ushort flags = (ushort)Flags;
        switch (Code)
        {
            case IommuEventCode.IllegalDeviceTableEntry:
                return destination.TryWrite(
                    culture,
                    $"{Driver}ILLEGAL_DEV_TABLE_ENTRY device={segment}{Device} pasid=0x{Common.Pasid:x5} address=0x{Address:x} "
                        + $"flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.IoPageFault when naming == Naming.Known:
                return destination.TryWrite(
                    culture, $"{Driver}IO_PAGE_FAULT domain=0x{(ushort)Common.Pasid:x4} address=0x{Address:x} flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.IoPageFault:
                return destination.TryWrite(
                    culture,
                    $"{Driver}IO_PAGE_FAULT device={segment}{Device} domain=0x{(ushort)Common.Pasid:x4} address=0x{Address:x} "
                        + $"flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.DeviceTableHardwareError:
                return destination.TryWrite(
                    culture, $"{Driver}DEV_TAB_HARDWARE_ERROR device={segment}{Device} address=0x{Address:x} flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.PageTableHardwareError:
                return destination.TryWrite(
                    culture,
                    $"{Driver}PAGE_TAB_HARDWARE_ERROR device={segment}{Device} pasid=0x{Common.Pasid:x4} address=0x{Address:x} "
                        + $"flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.IllegalCommandError:
                return destination.TryWrite(culture, $"{Driver}ILLEGAL_COMMAND_ERROR address=0x{Address:x}]", out charsWritten);
            case IommuEventCode.CommandHardwareError:
                return destination.TryWrite(
                    culture, $"{Driver}COMMAND_HARDWARE_ERROR address=0x{Address:x} flags=0x{flags:x4}]", out charsWritten);
            case IommuEventCode.IotlbInvalidationTimeout:
                return destination.TryWrite(
                    culture, $"{Driver}IOTLB_INV_TIMEOUT device={segment}{Device} address=0x{Address:x}]", out charsWritten);
            case IommuEventCode.InvalidDeviceRequest:
                return destination.TryWrite(
                    culture,
                    $"{Driver}INVALID_DEVICE_REQUEST device={segment}{Device} pasid=0x{Common.Pasid:x5} address=0x{Address:x} "
                        + $"flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.InvalidPageRequest:
                return destination.TryWrite(
                    culture,
                    $"{Driver}INVALID_PPR_REQUEST device={segment}{Device} pasid=0x{PageRequest.Pasid:x5} address=0x{Address:x} "
                        + $"flags=0x{flags:x4} tag=0x{PageRequest.Tag:x3}]",
                    out charsWritten);
            case IommuEventCode.RmpPageFault when naming == Naming.Known:
                return destination.TryWrite(
                    culture,
                    $"{Driver}RMP_PAGE_FAULT vmg_tag=0x{RmpFaultFields.VmgTag:x4}, gpa=0x{Address:x}, "
                        + $"flags_rmp=0x{RmpFaultFields.RmpFlags:x4}, flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.RmpPageFault:
                return destination.TryWrite(
                    culture,
                    $"{Driver}RMP_PAGE_FAULT device={segment}{Device}, vmg_tag=0x{RmpFaultFields.VmgTag:x4}, gpa=0x{Address:x}, "
                        + $"flags_rmp=0x{RmpFaultFields.RmpFlags:x4}, flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.RmpHardwareError when naming == Naming.Known:
                return destination.TryWrite(
                    culture, $"{Driver}RMP_HW_ERROR vmg_tag=0x{RmpFaultFields.VmgTag:x4}, spa=0x{Address:x}, flags=0x{flags:x4}]",
                    out charsWritten);
            case IommuEventCode.RmpHardwareError:
                return destination.TryWrite(
                    culture,
                    $"{Driver}RMP_HW_ERROR device={segment}{Device}, vmg_tag=0x{RmpFaultFields.VmgTag:x4}, spa=0x{Address:x}, "
                        + $"flags=0x{flags:x4}]",
                    out charsWritten);
            default:
                // Linux names no other code, and closes the bracket in none of them.
                return destination.TryWrite(
                    culture,
                    $"{Driver}UNKNOWN event[0]=0x{Word(0):x8} event[1]=0x{Word(1):x8} event[2]=0x{Word(2):x8} event[3]=0x{Word(3):x8}",
                    out charsWritten);
        }
    }
}
