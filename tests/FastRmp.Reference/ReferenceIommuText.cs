using System;
using System.Globalization;

namespace FastRmp.Reference;

/// <summary>Events as Linux prints them (AMD-Vi 5).</summary>
public static class ReferenceIommuText
{
    /// <summary>The line of one event.</summary>
    /// <param name="logged">The event.</param>
    /// <param name="deviceIsKnown">Whether Linux knows the device; then page faults and RMP events do not name it.</param>
    /// <param name="segment">The PCI segment; null for a kernel that does not print one.</param>
    /// <returns>The text, without a time stamp.</returns>
    public static string Of(ReferenceIommuEvent logged, bool deviceIsKnown, int? segment = 0) =>
        "AMD-Vi: Event logged [" + Inside(logged, DeviceOf(logged, segment), deviceIsKnown);

    private static string Inside(ReferenceIommuEvent e, string device, bool deviceIsKnown) => e.Code switch
    {
        0x1 => Text($"ILLEGAL_DEV_TABLE_ENTRY {device} pasid=0x{e.Pasid:x5} address=0x{e.Address:x} flags=0x{e.Flags:x4}]"),
        0x2 =>
            Text(
                $"IO_PAGE_FAULT {(deviceIsKnown ? "" : device + " ")}domain=0x{e.Domain:x4} address=0x{e.Address:x} flags=0x{e.Flags:x4}]"),
        0x3 => Text($"DEV_TAB_HARDWARE_ERROR {device} address=0x{e.Address:x} flags=0x{e.Flags:x4}]"),
        0x4 => Text($"PAGE_TAB_HARDWARE_ERROR {device} pasid=0x{e.Pasid:x4} address=0x{e.Address:x} flags=0x{e.Flags:x4}]"),
        0x5 => Text($"ILLEGAL_COMMAND_ERROR address=0x{e.Address:x}]"),
        0x6 => Text($"COMMAND_HARDWARE_ERROR address=0x{e.Address:x} flags=0x{e.Flags:x4}]"),
        0x7 => Text($"IOTLB_INV_TIMEOUT {device} address=0x{e.Address:x}]"),
        0x8 => Text($"INVALID_DEVICE_REQUEST {device} pasid=0x{e.Pasid:x5} address=0x{e.Address:x} flags=0x{e.Flags:x4}]"),
        0x9 => Text(
            $"INVALID_PPR_REQUEST {device} pasid=0x{PagePasid(e):x5} address=0x{e.Address:x} flags=0x{e.Flags:x4} tag=0x{PageTag(e):x3}]"),
        0xD => RmpPageFault(e, deviceIsKnown ? "" : device + ", "),
        0xE => RmpHardwareError(e, deviceIsKnown ? "" : device + ", "),

        // This one has no closing bracket in Linux.
        _ => Text($"UNKNOWN event[0]=0x{e.Word0:x8} event[1]=0x{e.Word1:x8} event[2]=0x{e.Word2:x8} event[3]=0x{e.Word3:x8}"),
    };

    private static string RmpPageFault(ReferenceIommuEvent e, string device) =>
        Text($"RMP_PAGE_FAULT {device}vmg_tag=0x{e.Domain:x4}, gpa=0x{e.Address:x}, flags_rmp=0x{e.RmpFlags:x4}, flags=0x{e.Flags:x4}]");

    private static string RmpHardwareError(ReferenceIommuEvent e, string device) =>
        Text($"RMP_HW_ERROR {device}vmg_tag=0x{e.Domain:x4}, spa=0x{e.Address - (e.Address % 8):x}, flags=0x{e.Flags:x4}]");

    // Page requests have their PASID and tag where no other event has them.
    private static uint PagePasid(ReferenceIommuEvent e) => (((e.Word1 >> 10) % 16) << 16) + (e.Word0 >> 16);

    private static uint PageTag(ReferenceIommuEvent e) => e.Word1 % 0x400;

    // Bus 8 bits, device 5, function 3.
    private static string DeviceOf(ReferenceIommuEvent e, int? segment)
    {
        string place = Text($"{e.DeviceId / 256:x2}:{e.DeviceId / 8 % 32:x2}.{e.DeviceId % 8:x}");
        return segment is null ? "device=" + place : Text($"device={segment:x4}:{place}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
