namespace FastRmp.Images;

/// <summary>The flags of an AMD-Vi event in words. Source: AMD I/O Virtualization Technology (IOMMU) Specification, and what real machines
/// logged.</summary>
internal static class IommuFlagsText
{
    private const IommuEventBits Known =
        IommuEventBits.Guest | IommuEventBits.NoExecute | IommuEventBits.User | IommuEventBits.Interrupt | IommuEventBits.Present
        | IommuEventBits.Write | IommuEventBits.Permission | IommuEventBits.NonZero | IommuEventBits.TranslationRequest;

    /// <summary>Each flag by its name, from bit 0 upwards.</summary>
    /// <param name="value">The flags.</param>
    /// <param name="code">The event's code; none if it is not known. PR clear means something in page faults only.</param>
    internal static CodeField[] Fields(ulong value, IommuEventCode code)
    {
        IommuEventBits flags = (IommuEventBits)value;
        bool isPageFault = code is IommuEventCode.IoPageFault or IommuEventCode.GuestEventFault
            || (code == IommuEventCode.None && (flags & IommuEventBits.NonZero) == 0);
        bool isInterrupt = Has(IommuEventBits.Interrupt);
        bool isMemory = !isInterrupt && !Has(IommuEventBits.TranslationRequest);
        bool Has(IommuEventBits flag) => (flags & flag) != 0;
        return
        [
            new("GN", Has(IommuEventBits.Guest), "guest (v2) translation; the event has a PASID", "no guest (v2) translation"),
            new("NX", Has(IommuEventBits.NoExecute), "no-execute stopped it", string.Empty),
            new("US", Has(IommuEventBits.User), "user/supervisor (U/S = 0) stopped it", string.Empty),
            new("I", isInterrupt, "interrupt request", "memory request"),
            new(
                "PR", Has(IommuEventBits.Present),
                isInterrupt
                    ? "the interrupt-remapping entry was present"
                    : "the entry was present, or the address lies beyond the reach of the tables", isPageFault
                    ? "nothing present was met"
                    : string.Empty),
            new(
                "RW", Has(IommuEventBits.Write), isMemory ? "write" : "without a meaning for such a request",
                isMemory ? "read" : string.Empty),
            new("PE", Has(IommuEventBits.Permission), "the permissions did not allow it", string.Empty),
            new("RZ", Has(IommuEventBits.NonZero), "a bit is set that must be zero", string.Empty),
            new("TR", Has(IommuEventBits.TranslationRequest), "translation request (ATS)", "transaction"),
        ];
    }

    /// <summary>Bits of the twelve that have no name.</summary>
    internal static ulong Unknown(ulong value) => value & ~(ulong)Known;

    /// <summary>What the flags say together.</summary>
    /// <param name="value">The flags.</param>
    /// <param name="code">The event's code; none if it is not known.</param>
    internal static string Meaning(ulong value, IommuEventCode code)
    {
        IommuEventBits flags = (IommuEventBits)value;
        bool isWrite = (flags & IommuEventBits.Write) != 0;
        string access = (flags & IommuEventBits.Interrupt) != 0
            ? "interrupt request"
            : (flags & IommuEventBits.TranslationRequest) != 0
            ? "translation request"
            : isWrite
            ? "write"
            : "read";
        return code switch
        {
            IommuEventCode.IllegalDeviceTableEntry => (flags & IommuEventBits.NonZero) != 0
                ? $"{access}; the device table entry has a bit set that must be zero: a reserved one, or one of a feature that is absent or not enabled"
                : $"{access}; the device table entry is not a possible encoding: Mode 0 while SNP is enabled, Mode 7, or invalid levels",
            IommuEventCode.RmpPageFault => $"{access}; the RMP forbids it: the page is not the hypervisor's",
            IommuEventCode.RmpHardwareError => $"{access}; the IOMMU could not read the RMP's entry",
            IommuEventCode.DeviceTableHardwareError => $"{access}; the IOMMU could not read the device table entry",
            IommuEventCode.PageTableHardwareError => $"{access}; the IOMMU could not read a page-table entry",
            IommuEventCode.InvalidDeviceRequest => "a request that the device may not make; its type is in the upper bits of the flags",
            IommuEventCode.IoPageFault or IommuEventCode.GuestEventFault or IommuEventCode.None =>
                $"{access}{Place(flags)}; {Cause(flags, isWrite)}",
            _ => access,
        };
    }

    /// <summary>Names of the flags that are set, or <c>-</c>.</summary>
    internal static string Names(ulong value) => CodeWords.Names(Fields(value, IommuEventCode.None));

    private static string Place(IommuEventBits flags) => (flags & IommuEventBits.Guest) != 0 ? " through guest (v2) tables" : string.Empty;

    private static string Cause(IommuEventBits flags, bool isWrite)
    {
        if ((flags & IommuEventBits.Interrupt) != 0) return Interrupt(flags);
        if ((flags & IommuEventBits.NonZero) != 0)
        {
            return (flags & IommuEventBits.Present) != 0
                ? "a reserved bit of a present entry is set"
                : "a bit is set that must be zero: with ILLEGAL_DEV_TABLE_ENTRY in the device table entry";
        }

        if ((flags & (IommuEventBits.Permission | IommuEventBits.User | IommuEventBits.NoExecute)) != 0)
        {
            string why = (flags & IommuEventBits.User) != 0 ? "the page is a supervisor's"
                : (flags & IommuEventBits.NoExecute) != 0 ? "the page is no-execute"
                : isWrite ? "the page, or the device, may not be written" : "the page, or the device, may not be read";
            return why;
        }

        return (flags & IommuEventBits.Present) != 0
            ? "the address lies beyond the reach of the tables, or skipped levels do not fit it, or a level or size in an entry is invalid"
            : "the page is not mapped";
    }

    /// <summary>An interrupt goes through the interrupt-remapping table, and through no page table.</summary>
    private static string Interrupt(IommuEventBits flags)
    {
        if ((flags & IommuEventBits.NonZero) != 0) return "a bit of its interrupt-remapping entry is set that must be zero";
        return (flags & IommuEventBits.Present) != 0
            ? "its interrupt-remapping entry, or the device table entry, does not allow it"
            : "no interrupt-remapping entry is enabled for it (RemapEn, IV or the table's length)";
    }
}
