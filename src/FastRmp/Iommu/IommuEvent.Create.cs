namespace FastRmp.Iommu;

/// <content>The events that requests leave in the log.</content>
public readonly partial struct IommuEvent
{
    private const ulong LowAddressBits = 3; // of ILLEGAL_DEV_TABLE_ENTRY: clear

    /// <summary>Makes the event that a request leaves in the log, with the default choices.</summary>
    /// <param name="result">How the request ended.</param>
    /// <param name="device">Who made it.</param>
    /// <param name="entry">The device's device table entry; zero if there is none. It gives the DomainID, and SA suppresses
    /// IO_PAGE_FAULT.</param>
    /// <param name="address">The address in the request.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <param name="logged">The event, or zero.</param>
    /// <returns>False if nothing is logged: the request was allowed, is no access to memory, or the event is suppressed.</returns>
    public static bool TryCreate(
        IommuWalkResult result, DeviceId device, in DeviceTableEntry entry, DeviceAddress address, bool isWrite, out IommuEvent logged) =>
        TryCreate(result, device, entry, new IommuRequest(address, isWrite), ModelChoices.Default, out logged);

    /// <summary>Makes the event that a request leaves in the log.</summary>
    /// <param name="result">How the request ended.</param>
    /// <param name="device">Who made it.</param>
    /// <param name="entry">The device's device table entry; zero if there is none. It gives the DomainID, and SA suppresses
    /// IO_PAGE_FAULT.</param>
    /// <param name="request">The request.</param>
    /// <param name="choices">Flags and codes where the sources leave a choice.</param>
    /// <param name="logged">The event, or zero.</param>
    /// <returns>False if nothing is logged: the request was allowed, is no access to memory, or the event is suppressed.</returns>
    /// <exception cref="System.ArgumentNullException"><paramref name="choices"/> is null.</exception>
    /// <remarks>
    /// <para>RW is set for every write, as real logs show. SE, which suppresses all but a device's first fault, needs a memory that a value
    /// has not: it is left to the caller.</para>
    /// <para>A fault of the host tables under guest tables has the guest physical address, the DomainID, and RW of the access there: that
    /// of a table is a read. RMP_PAGE_FAULT has address and direction of the request itself.</para>
    /// </remarks>
    public static bool TryCreate(
        IommuWalkResult result, DeviceId device, in DeviceTableEntry entry, in IommuRequest request, ModelChoices choices,
        out IommuEvent logged)
    {
        System.ArgumentNullException.ThrowIfNull(choices);
        bool isNested = result.Stage == WalkStage.Nested;
        bool isWrite = isNested ? (result.Cause & IommuEventBits.Write) != 0 : request.IsWrite;
        IommuEventBits direction = isWrite ? IommuEventBits.Write : IommuEventBits.None;
        IommuEventBits requested = request.IsWrite ? IommuEventBits.Write : IommuEventBits.None;
        logged = default;
        switch (result.Status)
        {
            case IommuStatus.Mapped or IommuStatus.Interrupt or IommuStatus.Contended:
                return false;
            case IommuStatus.RmpViolation:
                DeviceAddress shown = choices.RmpDmaFaultReportsPhysicalAddress ? new DeviceAddress(result.Address.Value) : request.Address;
                logged = CreateRmpFault(device, shown, requested, rmpFlags: choices.RmpDmaFaultFlags);
                return true;
            case IommuStatus.DeviceTableOutsideMemory:
                logged = Create(IommuEventCode.DeviceTableHardwareError, device, result.Address.Value, requested);
                return true;
            case IommuStatus.BeyondDeviceTable:
                logged = choices.DeviceBeyondTableIsIllegalEntry
                    ? Illegal(device, request, requested)
                    : Create(IommuEventCode.IoPageFault, device, 0, requested);
                return true;
            case IommuStatus.ForbiddenDeviceTableBits:
                logged = Illegal(device, request, requested | IommuEventBits.NonZero);
                return true;
            case IommuStatus.NoTranslation when choices.NoTranslationIsIllegalEntry:
            case IommuStatus.IllegalDeviceTableEntry when !(choices.ReservedModeIsPageFault && entry.Mode > IoPageSize.TopLevel):
                logged = Illegal(device, request, requested);
                return true;
            default:
                break;
        }

        bool isOfGuest = result.Stage is WalkStage.Gcr3 or WalkStage.Guest && choices.GuestDmaFaultsReportGuest;
        IommuEventBits flags = direction | (isOfGuest ? IommuEventBits.Guest : IommuEventBits.None);
        uint pasid = isOfGuest ? request.Pasid ?? 0 : entry.DomainId;
        if (result.Status == IommuStatus.OutsideMemory)
        {
            logged = Create(IommuEventCode.PageTableHardwareError, device, result.Address.Value, flags, isOfGuest ? pasid : 0);
            return true;
        }

        if (entry.SuppressAllFaults) return false;
        flags |= Cause(result, choices);
        if (!isNested) flags |= result.Cause;
        IommuEventCode code = choices.GuestDmaFaultsAreGuestEvents && result.Stage is WalkStage.Gcr3 or WalkStage.Guest
            ? IommuEventCode.GuestEventFault
            : IommuEventCode.IoPageFault;
        logged = Create(code, device, isNested ? result.GuestAddress.Value : request.Address.Value, flags, pasid);
        return true;
    }

    /// <summary>Makes the event of an RMP check for which the RMP could not be read.</summary>
    /// <param name="device">Who made the request.</param>
    /// <param name="page">The physical address that was to be checked.</param>
    /// <param name="rmpEntry">Where its RMP entry should be.</param>
    /// <param name="isWrite">Whether the request writes.</param>
    /// <param name="choices">Which of both addresses is logged.</param>
    /// <returns>The event.</returns>
    /// <exception cref="System.ArgumentNullException"><paramref name="choices"/> is null.</exception>
    /// <remarks>No walk over a <see cref="ReverseMapTable{TGeometry}"/> comes to it: a covered page's entry is always there, and one that
    /// is not covered needs none. It is for checks that read the RMP from memory which may lack it, as <c>fastrmp walk</c> does in
    /// images.</remarks>
    public static IommuEvent CreateForUnreadableRmp(
        DeviceId device, PhysicalAddress page, PhysicalAddress rmpEntry, bool isWrite, ModelChoices choices)
    {
        System.ArgumentNullException.ThrowIfNull(choices);
        return CreateRmpHardwareError(
            device, choices.RmpHardwareErrorReportsPage ? page : rmpEntry, isWrite ? IommuEventBits.Write : IommuEventBits.None);
    }

    private static IommuEvent Illegal(DeviceId device, in IommuRequest request, IommuEventBits flags) =>
        Create(IommuEventCode.IllegalDeviceTableEntry, device, request.Address.Value & ~LowAddressBits, flags, request.Pasid ?? 0);

    /// <summary>PR, PE and RZ.</summary>
    private static IommuEventBits Cause(IommuWalkResult result, ModelChoices choices)
    {
        const IommuEventBits Reserved = IommuEventBits.Present | IommuEventBits.NonZero;
        return result.Status switch
        {
            IommuStatus.RightsViolation => IommuEventBits.Present | IommuEventBits.Permission,
            IommuStatus.ForbiddenBits => choices.ReservedDmaBitsReportReserved ? Reserved : IommuEventBits.Present,
            IommuStatus.MalformedEntry => choices.MalformedDmaEntryReportsReserved ? Reserved : IommuEventBits.Present,
            IommuStatus.SkippedBits when choices.SkippedLevelsReportPresent => IommuEventBits.Present,
            IommuStatus.OutOfReach when choices.OutOfReachReportsPresent => IommuEventBits.Present,
            IommuStatus.InvalidGcr3 or IommuStatus.PasidOutOfReach when choices.InvalidGcr3ReportsPresent => IommuEventBits.Present,
            IommuStatus.NonCanonical when choices.NonCanonicalDmaReportsPresent => IommuEventBits.Present,
            IommuStatus.IllegalDeviceTableEntry => IommuEventBits.Present, // only by choice: Mode 7
            _ => IommuEventBits.None,
        };
    }
}
