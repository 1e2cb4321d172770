namespace FastRmp.Images;

/// <summary>The flags of an AMD-Vi event in words. Source: AMD I/O Virtualization Technology (IOMMU) Specification, and what real machines
/// logged.</summary>
internal static class IommuFlagsText
{
    private const int TypeShift = 9; // the type of an invalid request or of a hardware error stands in the upper bits of the flags

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
            .. Type(value, code) is { } type
                ? (CodeField[])[new($"TYPE{type}", type != 0, TypeText(type, code), TypeText(type, code))]
                : [],
        ];
    }

    /// <summary>Bits of the twelve that have no name.</summary>
    internal static ulong Unknown(ulong value, IommuEventCode code) => value & ~((ulong)Known | (TypeMask(code) << TypeShift));

    /// <summary>The type of an invalid request, or of a hardware error; null for an event that has none.</summary>
    internal static int? Type(ulong value, IommuEventCode code) =>
        TypeMask(code) is var mask and not 0 ? (int)((value >> TypeShift) & mask) : null;

    /// <summary>What a type means.</summary>
    internal static string TypeText(int type, IommuEventCode code) => code == IommuEventCode.InvalidDeviceRequest
        ? RequestType(type)
        : type switch
        {
            1 => "master abort: nobody answered at the address",
            2 => "target abort: who answered refused",
            3 => "data error: the data came damaged (ECC, poison)",
            _ => "no type of hardware error",
        };

    /// <summary>Bits 11:9 of an INVALID_DEVICE_REQUEST; bits 10:9 of a hardware error, which the sources at hand show for device table,
    /// page
    /// table and command, and which the RMP's is taken to have, too.</summary>
    private static ulong TypeMask(IommuEventCode code) => code switch
    {
        IommuEventCode.InvalidDeviceRequest => 7,
        IommuEventCode.DeviceTableHardwareError or IommuEventCode.PageTableHardwareError or IommuEventCode.CommandHardwareError
            or IommuEventCode.RmpHardwareError => 3,
        _ => 0,
    };

    private static string RequestType(int type) => type switch
    {
        0 => "a read or a non-posted write in the interrupt address range",
        1 => "a pre-translated request of a device whose entry does not allow them (I = 0 or V = 0)",
        2 => "a port I/O request of a device whose entry forbids it (IoCtl = 0)",
        3 => "a write to the system-management range of a device whose entry forbids it (SysMgt = 0)",
        4 => "a write to the interrupt range of a device whose entry forbids it (IntCtl = 0)",
        5 => "a write to a reserved interrupt address",
        6 => "a system-management message that is none",
        _ => "reserved",
    };

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
            IommuEventCode.RmpHardwareError => $"{access}; the IOMMU could not read the RMP's entry{Error(value, code)}",
            IommuEventCode.DeviceTableHardwareError => $"{access}; the IOMMU could not read the device table entry{Error(value, code)}",
            IommuEventCode.PageTableHardwareError => $"{access}; the IOMMU could not read a page-table entry{Error(value, code)}",
            IommuEventCode.CommandHardwareError => $"the IOMMU could not read a command of its queue{Error(value, code)}",
            IommuEventCode.IllegalCommandError => "a command of the queue that is not a legal one",
            IommuEventCode.IotlbInvalidationTimeout => "a device that did not answer an invalidation",
            IommuEventCode.InvalidPageRequest => $"{access}; a page request (PRI) that the device may not make, or that is not a legal one",
            IommuEventCode.EventCounterZero => "a counter of events that has run down",
            IommuEventCode.VirtualIommuHardwareError => "a failure of the hardware that serves a guest's IOMMU",
            IommuEventCode.InvalidDeviceRequest => "a request that the device may not make; its type is in the upper bits of the flags",
            IommuEventCode.IoPageFault or IommuEventCode.GuestEventFault or IommuEventCode.None =>
                $"{access}{Place(flags)}; {Cause(flags, isWrite)}",
            _ => access,
        };
    }

    /// <summary>Names of the flags that are set, or <c>-</c>.</summary>
    internal static string Names(ulong value, IommuEventCode code) => CodeWords.Names(Fields(value, code));

    private static string Error(ulong value, IommuEventCode code) =>
        Type(value, code) is { } type and not 0 ? $" ({TypeText(type, code)})" : string.Empty;

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
