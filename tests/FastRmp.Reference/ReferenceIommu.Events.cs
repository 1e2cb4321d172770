namespace FastRmp.Reference;

/// <content>The result of a request and what is logged of it (AMD-Vi 4.5, 5).</content>
public sealed partial class ReferenceIommu
{
    private ReferenceIommuResult End(
        Progress progress, HostEnd end, ReferenceIommuPart part = ReferenceIommuPart.Host, ulong gpa = 0, bool isWriteOfHost = false,
        uint cause = 0, bool canExecute = false)
    {
        uint write = part != ReferenceIommuPart.HostUnderGuest ? progress.WriteFlag : isWriteOfHost ? Write : 0;
        return new ReferenceIommuResult
        {
            Outcome = end.Outcome,
            Event = EventOf(progress, end, part, gpa, write, cause),
            Device = progress.Device,
            PhysicalAddress = end.Spa,
            PageSize = end.Size,
            CanRead = end.CanRead,
            CanWrite = end.CanWrite,
            CanExecute = canExecute,
            Level = end.Level,
            EntryAddress = end.EntryAddress,
            Part = part,
            GuestAddress = gpa,
            Entries = progress.Entries,
            Writes = progress.Writes,
        };
    }

    private ReferenceIommuEvent? EventOf(Progress progress, HostEnd end, ReferenceIommuPart part, ulong gpa, uint write, uint cause)
    {
        int id = progress.DeviceId;
        ulong iova = progress.Request.Iova;
        uint pasid = progress.Request.Pasid ?? 0;
        bool isOfGuest = part is ReferenceIommuPart.Gcr3 or ReferenceIommuPart.Guest && Choices.GuestHasGn;
        ReferenceIommuEvent Illegal(uint flags) => ReferenceIommuEvent.IllegalDeviceTableEntry(id, pasid, iova, flags + progress.WriteFlag);
        switch (end.Outcome)
        {
            case ReferenceIommuOutcome.Mapped or ReferenceIommuOutcome.Interrupt:
                return null;
            case ReferenceIommuOutcome.BeyondTable:
                return Choices.BeyondTableIsIllegal ? Illegal(0) : ReferenceIommuEvent.IoPageFault(id, 0, 0, progress.WriteFlag);
            case ReferenceIommuOutcome.DeviceTableUnreadable:
                return ReferenceIommuEvent.DeviceTableHardwareError(id, end.EntryAddress, progress.WriteFlag);
            case ReferenceIommuOutcome.PageTableUnreadable:
                return ReferenceIommuEvent.PageTableHardwareError(
                    id, end.EntryAddress, write + (isOfGuest ? Guest : 0), isOfGuest ? pasid : 0);
            case ReferenceIommuOutcome.NonZeroDeviceBit:
                return Illegal(ReservedBit);
            case ReferenceIommuOutcome.IllegalDeviceEntry when progress.Device!.Mode != 7 || !Choices.Mode7IsPageFault:
            case ReferenceIommuOutcome.Aborted when Choices.TvClearIsIllegal:
                return Illegal(0);
            case ReferenceIommuOutcome.RmpViolation:
                // Address and direction are the device's own, also where a table was refused (AMD-Vi 6.2).
                ulong shown = !Choices.RmpEventHasSpa ? iova : end.IsOfEntry ? end.EntryAddress : end.Spa;
                return ReferenceIommuEvent.RmpPageFault(id, shown, progress.WriteFlag, Choices.RmpFlags);
            default:
                break;
        }

        uint flags = write + FlagsOf(end.Outcome) + cause;
        if (part is ReferenceIommuPart.Gcr3 or ReferenceIommuPart.Guest)
        {
            uint code = Choices.GuestEvents ? 0xBU : 0x2U;
            return isOfGuest
                ? ReferenceIommuEvent.GuestFault(code, id, pasid, iova, flags + Guest)
                : ReferenceIommuEvent.GuestFault(code, id, (uint)progress.Device!.Domain, iova, flags);
        }

        return ReferenceIommuEvent.IoPageFault(id, progress.Device!.Domain, part == ReferenceIommuPart.HostUnderGuest ? gpa : iova, flags);
    }

    // Not present and permission: measured on a Ryzen 3700X (iommu list, 2021-09-25). PR for an address beyond the reach: taught by logs of
    // five machines, Zen 1 to Zen 4, with flags 0x0010 and 0x0030 where this model had said PR = 0. Reserved, malformed, skipped:
    // VirtualBox.
    private uint FlagsOf(ReferenceIommuOutcome outcome) => outcome switch
    {
        ReferenceIommuOutcome.Rights => Present + Permission,
        ReferenceIommuOutcome.NonZeroBit => Present + (Choices.ReservedHasRz ? ReservedBit : 0),
        ReferenceIommuOutcome.Malformed => Present + (Choices.MalformedHasRz ? ReservedBit : 0),
        ReferenceIommuOutcome.SkippedBits => Choices.SkippedHasPr ? Present : 0,
        ReferenceIommuOutcome.OutOfReach => Choices.ReachHasPr ? Present : 0,
        ReferenceIommuOutcome.InvalidGcr3 or ReferenceIommuOutcome.PasidTooLarge => Choices.Gcr3HasPr ? Present : 0,
        ReferenceIommuOutcome.NonCanonical => Choices.NonCanonicalHasPr ? Present : 0,
        ReferenceIommuOutcome.IllegalDeviceEntry => Present, // by choice alone
        _ => 0,
    };
}
