using System;
using System.Collections.Generic;

namespace FastRmp.Images;

/// <content>Events of an AMD IOMMU.</content>
internal sealed partial class StoryWriter
{
    private static readonly string[] ShownFields =
    [
        "kind", "without_snp", "with_snp", "mode", "root", "ppr", "gv", "glx", "gcr3_root", "domain", "ir", "iw", "reserved",
    ];

    private static void Event(LogStory story, LoggedIommuEvent logged)
    {
        List<LoggedIommuEvent> all = Of<LoggedIommuEvent>(story);
        Detail(story, "event", $"{logged.Name}");
        if (logged.Device is not null) Detail(story, "device", $"{logged.Device}");
        if (logged.Domain is { } domain) Detail(story, logged.Code == IommuEventCode.IoPageFault ? "domain" : "pasid", $"0x{domain:x}");
        for (int i = 0; i < all.Count && i < 8; i++)
        {
            if (all[i].Address is { } address) Detail(story, "address", $"0x{address:x}{Reach(all[i])}");
        }

        More(story, 8);
        if (logged.VmgTag is { } tag) Detail(story, "vmg_tag", $"0x{tag:x}");
        if (logged.RmpFlags is { } rmp) Detail(story, "flags_rmp", $"0x{rmp:x}");
        if (logged.Flags is { } flags) Detail(story, "flags", $"0x{flags:x4}: {IommuFlagsText.Names(flags, logged.Code)}");
        if (logged.Control is { } control) Detail(story, "control", $"0x{control:x}");
        Dump(story, logged);
        string device = logged.Device is null ? string.Empty : T($" of device {logged.Device}");
        story.Title = T($"{logged.Name}{device}{(story.Count > 1 ? T($", {story.Count} times") : string.Empty)}");
        bool isPageFault = logged.Code is IommuEventCode.IoPageFault or IommuEventCode.None;
        story.What = logged.Flags is null && isPageFault
            ? T($"The IOMMU logged {logged.Name}.")
            : T($"The IOMMU logged: {IommuFlagsText.Meaning(logged.Flags ?? 0, logged.Code)}.");
        story.Rule = "AMD I/O Virtualization Technology (IOMMU) Specification, event log";
        Cause(story, logged);
    }

    private static string Reach(LoggedIommuEvent logged)
    {
        const int ThreeLevels = 39;
        bool isBeyond = logged.Code == IommuEventCode.IoPageFault && logged.Flags is 0x10 or 0x30;
        return isBeyond && logged.Address >> ThreeLevels != 0 ? "  needs more than the 3 levels that Linux begins with" : string.Empty;
    }

    private static void Dump(LogStory story, LoggedIommuEvent logged)
    {
        if (logged.Words.Count == 0) return;
        List<string> words = [];
        foreach (ulong word in logged.Words) words.Add(logged.IsCommand ? T($"{word:x8}") : T($"{word:x16}"));
        Detail(story, logged.IsCommand ? "command" : "dte",
            $"{string.Join(' ', words)}{(logged.Words.Count == 4 ? string.Empty : "  (not complete)")}");
        if (logged.Words.Count != 4) return;
        if (logged.IsCommand)
        {
            Detail(story, "opcode", $"{Opcode((int)(logged.Words[1] >> 28))}");
            return;
        }

        DeviceTableEntry entry = new(logged.Words[0], logged.Words[1], logged.Words[2], logged.Words[3]);
        foreach (EntryField field in DeviceTableEntryText.Fields(entry, default))
        {
            if (Array.IndexOf(ShownFields, field.Name) >= 0)
            {
                Detail(story, T($"dte {field.Name}"), $"{field.Value}");
            }
        }
    }

    private static string Opcode(int code) => code switch
    {
        1 => "1 COMPLETION_WAIT",
        2 => "2 INVALIDATE_DEVTAB_ENTRY",
        3 => "3 INVALIDATE_IOMMU_PAGES",
        4 => "4 INVALIDATE_IOTLB_PAGES",
        5 => "5 INVALIDATE_INTERRUPT_TABLE",
        6 => "6 PREFETCH_IOMMU_PAGES",
        7 => "7 COMPLETE_PPR_REQUEST",
        8 => "8 INVALIDATE_IOMMU_ALL",
        _ => T($"{code}, no known command"),
    };

    private static void Cause(LogStory story, LoggedIommuEvent logged)
    {
        switch (logged.Code)
        {
            case IommuEventCode.RmpPageFault:
                story.Why =
                    "Under SNP a device may touch shared memory only: the page, or with an IOMMU mapping of 2M or more another page of its 2M region, is assigned to a guest or to firmware.";
                story.Rule += "; AMD64 APM vol. 2, 15.36 (DMA is checked as a hypervisor's access)";
                story.NextList.Add(
                    "share the buffer (bounce buffers, swiotlb), or keep private pages out of the IOMMU's tables; with large IOMMU pages boot with amd_iommu=nohugepages or v2_pgsizes_only");
                story.OpenList.Add(T(
                    $"whose page it is: the RMP entry of the page at 0x{logged.Address ?? 0:x}; fastrmp walk CORE {logged.Address ?? 0:x} --device ID --device-table SPA --rmp BASE:END finds it in an image"));
                break;
            case IommuEventCode.RmpHardwareError:
                story.Why = "The IOMMU could not read the RMP's entry: a memory error, or an address outside.";
                story.NextList.Add("look for machine-check events (mce, EDAC) of that time");
                break;
            case IommuEventCode.IoPageFault:
                PageFaultCause(story, logged);
                break;
            case IommuEventCode.IllegalDeviceTableEntry:
                story.Why = logged.Words.Count == 4
                    ? "The device table entry below is not a legal one for this IOMMU: see dte without_snp and with_snp."
                    : "The device table entry is not a legal one: a bit that must be zero, or an encoding that cannot be.";
                if (logged.Words.Count != 4)
                {
                    story.OpenList.Add(
                        "the entry: the four lines 'AMD-Vi: DTE[0..3]' after the event, dmesg | grep -A 5 ILLEGAL_DEV_TABLE_ENTRY");
                }
                if (logged.Words.Count == 4 && logged.Control is null)
                {
                    story.OpenList.Add(
                        "which of the conditions fails: the IOMMU's control register ('Control Reg :' after the event since 6.13), fastrmp decode dte Q0 Q1 Q2 Q3 --control HEX");
                }
                break;
            case IommuEventCode.InvalidDeviceRequest:
                int type = IommuFlagsText.Type(logged.Flags ?? 0, logged.Code) ?? 0;
                story.Why = T(
                    $"The device made a request that it may not make, type {type}: {IommuFlagsText.TypeText(type, logged.Code)}.");
                story.NextList.Add("a device or driver that uses addresses in the interrupt or system-management range as DMA memory");
                break;
            case IommuEventCode.IllegalCommandError:
                story.Why =
                    "The queue of commands has one that this IOMMU does not know, or with bits set that must be zero: a fault of the driver, a feature that is off, or memory of the queue that something else has overwritten. The IOMMU executes no further command.";
                if (logged.Words.Count == 0) story.OpenList.Add("the command: the four lines 'AMD-Vi: CMD[0..3]' after the event");
                break;
            case IommuEventCode.CommandHardwareError:
                story.Why =
                    "The command itself is not to blame: the read of it from memory failed. Memory errors, an address of the queue that is no memory, or under SNP a queue in memory that is not the hypervisor's. The IOMMU executes no further command.";
                story.NextList.Add(
                    "look for machine-check events (mce, EDAC) of that time, and for a kernel that ran before (kexec, kdump)");
                break;
            case IommuEventCode.DeviceTableHardwareError or IommuEventCode.PageTableHardwareError:
                story.Why =
                    "The entry itself is not to blame: the read of it from memory failed. A memory error, or a table at an address that is no memory, as a stale or overwritten pointer names.";
                story.NextList.Add("look for machine-check events (mce, EDAC) of that time; the address is the entry's");
                break;
            case IommuEventCode.InvalidPageRequest:
                story.Why = "The device asked for a page (PRI) without being enabled for it, or with a tag or PASID that cannot be.";
                story.NextList.Add("compare the device's PRI and PASID capabilities (lspci -vv) with what its driver enabled");
                break;
            case IommuEventCode.IotlbInvalidationTimeout:
                story.Why = "The device did not answer an invalidation of its translation cache (ATS): it hangs, was reset, or is gone.";
                story.NextList.Add("look for PCIe errors (AER) and resets of the device at that time");
                break;
            default:
                story.Why = "See the event's description in the specification.";
                break;
        }
    }

    private static void PageFaultCause(LogStory story, LoggedIommuEvent logged)
    {
        ulong flags = logged.Flags ?? 0;
        bool isPresent = (flags & (ulong)IommuEventBits.Present) != 0;
        bool isPermission = (flags & (ulong)IommuEventBits.Permission) != 0;
        if ((flags & (ulong)IommuEventBits.Interrupt) != 0)
        {
            story.Why =
                "The request is an interrupt (MSI), and interrupt remapping has no entry for it that is enabled, or the entry does not allow it: an interrupt that was freed or never set up, or a device that a previous kernel left running.";
            story.NextList.Add("compare the device's MSI address and data (lspci -vv) with /proc/interrupts; boot once with intremap=off");
            return;
        }

        if (isPresent && !isPermission && (flags & (ulong)IommuEventBits.NonZero) == 0)
        {
            story.Why =
                "Real machines log PR without PE for an address beyond the levels of the domain's tables: the driver gave the device an address that was never mapped, or the device cuts addresses off.";
            story.NextList.Add(
                "look for a driver that sets too large a DMA mask (dma_set_mask_and_coherent), or a device that is not reset before its domain changes");
            return;
        }

        story.Why = isPermission
            ? "The page is mapped, but not with the right that the request needs (IR, IW)."
            : "The device used an address that is not mapped, or not any more: DMA after unmap, a stale ring, or a device that a previous kernel left running.";
        story.NextList.Add(isPermission
            ? "compare the direction of dma_map_* in the driver with what the device does"
            : "trace the mapping: trace-cmd record -e iommu:map -e iommu:unmap; in an image fastrmp walk CORE IOVA --device ID --device-table SPA");
    }
}
