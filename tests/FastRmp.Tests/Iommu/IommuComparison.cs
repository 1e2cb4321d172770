using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Iommu;
using FastRmp.Reference;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>One request to the library and to the reference; everything that both return has to agree.</summary>
internal static class IommuComparison
{
    private static readonly Dictionary<ReferenceIommuOutcome, IommuStatus> Outcomes = new()
    {
        [ReferenceIommuOutcome.Mapped] = IommuStatus.Mapped,
        [ReferenceIommuOutcome.Interrupt] = IommuStatus.Interrupt,
        [ReferenceIommuOutcome.Aborted] = IommuStatus.NoTranslation,
        [ReferenceIommuOutcome.BeyondTable] = IommuStatus.BeyondDeviceTable,
        [ReferenceIommuOutcome.IllegalDeviceEntry] = IommuStatus.IllegalDeviceTableEntry,
        [ReferenceIommuOutcome.NonZeroDeviceBit] = IommuStatus.ForbiddenDeviceTableBits,
        [ReferenceIommuOutcome.DeviceTableUnreadable] = IommuStatus.DeviceTableOutsideMemory,
        [ReferenceIommuOutcome.PageTableUnreadable] = IommuStatus.OutsideMemory,
        [ReferenceIommuOutcome.NotPresent] = IommuStatus.NotPresent,
        [ReferenceIommuOutcome.OutOfReach] = IommuStatus.OutOfReach,
        [ReferenceIommuOutcome.Malformed] = IommuStatus.MalformedEntry,
        [ReferenceIommuOutcome.NonZeroBit] = IommuStatus.ForbiddenBits,
        [ReferenceIommuOutcome.SkippedBits] = IommuStatus.SkippedBits,
        [ReferenceIommuOutcome.Rights] = IommuStatus.RightsViolation,
        [ReferenceIommuOutcome.RmpViolation] = IommuStatus.RmpViolation,
        [ReferenceIommuOutcome.InvalidGcr3] = IommuStatus.InvalidGcr3,
        [ReferenceIommuOutcome.PasidTooLarge] = IommuStatus.PasidOutOfReach,
        [ReferenceIommuOutcome.NonCanonical] = IommuStatus.NonCanonical,
    };

    internal static ReferenceIommu Reference(IommuState iommu, Func<ulong, ulong?> read, ReferenceRmp? rmp = null) => new(
        new ReferenceIommuSetup
        {
            DeviceTable = iommu.TableAddress.Value,
            DeviceCount = iommu.Entries,
            SnpEnabled = iommu.IsSnpEnabled,
            Rmp = rmp,
            Control = iommu.Control?.Value,
            Features = iommu.Features?.Value,
            Features2 = iommu.Features2,
            EncryptionBit = iommu.EncryptionBit,
            Choices = Choices(iommu.Choices),
        },
        read);

    /// <summary>A request that changes nothing.</summary>
    internal static IommuStatus Translate<TMemory>(
        scoped ref TMemory memory, Func<ulong, ulong?> read, IommuState iommu, ushort device, ulong iova, bool isWrite)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        IommuWalkResult actual = IommuWalker.Translate(ref memory, iommu, new DeviceId(device), new DeviceAddress(iova), isWrite);
        Assert.Equal(actual.Status, Translate(ref memory, read, iommu, device, new IommuRequest(new DeviceAddress(iova), isWrite)));
        NoCheck check = default;
        Assert.Equal(
            actual,
            IommuWalker.Translate(ref memory, iommu, new DeviceId(device), new IommuRequest(new DeviceAddress(iova), isWrite), ref check));
        if (IommuWalker.TryLookup(ref memory, iommu, new DeviceId(device), out DeviceTableEntry entry, out _))
        {
            Assert.Equal(actual, IommuWalker.Translate(ref memory, iommu, entry, new DeviceAddress(iova), isWrite, ref check));
        }

        return actual.Status;
    }

    /// <summary>A request of any kind that changes nothing.</summary>
    internal static IommuStatus Translate<TMemory>(
        scoped ref TMemory memory, Func<ulong, ulong?> read, IommuState iommu, ushort device, IommuRequest request)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        return Translate(ref memory, read, iommu, device, request, ref check, null).Status;
    }

    /// <summary>The same with a check, for which the reference has its own RMP.</summary>
    internal static IommuWalkResult Translate<TMemory, TCheck>(
        scoped ref TMemory memory, Func<ulong, ulong?> read, IommuState iommu, ushort device, IommuRequest request, scoped ref TCheck check,
        ReferenceRmp? rmp)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        DeviceId id = new(device);
        ReferenceIommuResult expected = Reference(iommu, read, rmp).Translate(device, Request(request));
        IommuWalkResult actual = IommuWalker.Translate(ref memory, iommu, id, request, ref check);
        Same(expected, actual, request);
        SameEvent(ref memory, expected, actual, iommu, id, request);
        if (request == new IommuRequest(request.Address, request.IsWrite))
        {
            Assert.Equal(actual, IommuWalker.Translate(ref memory, iommu, id, request.Address, request.IsWrite, ref check));
        }

        if (!IommuWalker.TryLookup(ref memory, iommu, id, out DeviceTableEntry entry, out _)) return actual;
        WalkTrace trace = default;
        Assert.Equal(actual, IommuWalker.Trace(ref memory, iommu, entry, request, ref check, ref trace));
        Assert.Equal(expected.Entries.Count, trace.Count);
        for (int i = 0; i < trace.Count; i++)
        {
            Assert.Equal(expected.Entries[i], new ReferenceTableEntry(trace.Steps[i].Address.Value, trace.Steps[i].Value));
        }

        return actual;
    }

    /// <summary>A request that marks entries.</summary>
    internal static IommuStatus Access(WalkMemory memory, IommuState iommu, ushort device, IommuRequest request)
    {
        NoCheck check = default;
        return Access(memory, iommu, device, request, ref check, null).Status;
    }

    /// <summary>The same with a check. The marks are taken back.</summary>
    internal static IommuWalkResult Access<TCheck>(
        WalkMemory memory, IommuState iommu, ushort device, IommuRequest request, scoped ref TCheck check, ReferenceRmp? rmp)
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        ReferenceIommuResult expected = Reference(iommu, memory.Read, rmp).Translate(device, Request(request), setAccessedDirty: true);
        memory.Writes.Clear();
        WalkView view = new(memory);
        IommuWalkResult actual = IommuWalker.Access(ref view, iommu, new DeviceId(device), request, ref check);
        Same(expected, actual, request);
        SameEvent(ref view, expected, actual, iommu, new DeviceId(device), request);
        Assert.Equal(expected.Writes, memory.Writes);
        foreach (ReferenceTableEntry step in expected.Entries.Reverse()
            .Where(step => memory.Writes.Exists(write => write.Address == step.Address)))
        {
            memory[step.Address] = step.Value; // what was read first comes last
        }

        return actual;
    }

    internal static ReferenceIommuRequest Request(IommuRequest request) =>
        new(request.Address.Value, request.IsWrite, request.Pasid, request.IsExecute, request.IsPrivileged);

    internal static void Same(ReferenceIommuResult expected, IommuWalkResult actual, IommuRequest request)
    {
        Assert.True(Outcomes[expected.Outcome] == actual.Status, $"{request}: {expected.Outcome} {actual.Status}");
        Assert.Equal(expected.Part, (ReferenceIommuPart)actual.Stage);
        Assert.Equal(expected.PageSize, actual.Size);
        Assert.Equal(expected.Level, actual.Level);
        if (expected.Part is ReferenceIommuPart.Guest or ReferenceIommuPart.HostUnderGuest
            && expected.Outcome != ReferenceIommuOutcome.NonCanonical)
        {
            Assert.Equal(expected.GuestAddress, actual.GuestAddress.Value);
        }

        Assert.Equal(
            expected.PageSize != 0 ? expected.PhysicalAddress : expected.EntryAddress,
            actual.Level == 0 && expected.PageSize == 0 ? expected.EntryAddress : actual.Address.Value);
        bool hasRights = expected.Outcome is ReferenceIommuOutcome.Mapped or ReferenceIommuOutcome.Rights
            || (expected.Outcome == ReferenceIommuOutcome.RmpViolation && expected.PageSize != 0);
        if (!hasRights) return;
        Assert.Equal(expected.CanRead, (actual.Rights & DmaRights.Read) != 0);
        Assert.Equal(expected.CanWrite, (actual.Rights & DmaRights.Write) != 0);
        Assert.Equal(expected.CanExecute, (actual.Rights & DmaRights.Execute) != 0);
    }

    private static ReferenceIommuChoices Choices(ModelChoices choices) => new()
    {
        ChecksReads = choices.DmaReadsAreChecked,
        MiddleSizesCountAsLarge = choices.IntermediateDmaSizesAreLarge,
        ChecksInvalidDevices = choices.UntranslatedDmaIsChecked,
        TvClearIsIllegal = choices.NoTranslationIsIllegalEntry,
        Mode7IsPageFault = choices.ReservedModeIsPageFault,
        BeyondTableIsIllegal = choices.DeviceBeyondTableIsIllegalEntry,
        MalformedHasRz = choices.MalformedDmaEntryReportsReserved,
        ReservedHasRz = choices.ReservedDmaBitsReportReserved,
        SkippedHasPr = choices.SkippedLevelsReportPresent,
        RightsAtLeaf = choices.DmaRightsAreCheckedAtLeaf,
        ReachHasPr = choices.OutOfReachReportsPresent,
        TvFirst = choices.TranslationValidBeforeReservedBits,
        RightsBeforeEncoding = choices.DeviceRightsBeforeEncoding,
        FeaturesCount = choices.UnsupportedDeviceFieldsAreReserved,
        GuestHasGn = choices.GuestDmaFaultsReportGuest,
        GuestEvents = choices.GuestDmaFaultsAreGuestEvents,
        Gcr3HasPr = choices.InvalidGcr3ReportsPresent,
        NonCanonicalHasPr = choices.NonCanonicalDmaReportsPresent,
        RmpEventHasSpa = choices.RmpDmaFaultReportsPhysicalAddress,
        RmpFlags = choices.RmpDmaFaultFlags,
    };

    private static void SameEvent<TMemory>(
        scoped ref TMemory memory, ReferenceIommuResult expected, IommuWalkResult actual, IommuState iommu, DeviceId id,
        IommuRequest request)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        _ = IommuWalker.TryLookup(ref memory, iommu, id, out DeviceTableEntry entry, out _);
        SameEvent(expected, actual, iommu, id, entry, request);
    }

    internal static void SameEvent(
        ReferenceIommuResult expected, IommuWalkResult actual, IommuState iommu, DeviceId id, DeviceTableEntry entry, IommuRequest request)
    {
        entry = entry with { SuppressAllFaults = false }; // the reference does not look at it
        bool isLogged = IommuEvent.TryCreate(actual, id, entry, request, iommu.Choices, out IommuEvent logged);
        Assert.Equal(expected.Event is not null, isLogged);
        if (expected.Event is { } wanted) Assert.Equal(wanted, Words(logged));
    }

    internal static ReferenceIommuEvent Words(IommuEvent logged) => new(logged.Word(0), logged.Word(1), logged.Word(2), logged.Word(3));

    /// <summary>The whole listing of a device.</summary>
    internal static int List<TMemory>(scoped ref TMemory memory, Func<ulong, ulong?> read, IommuState iommu, ushort device)
        where TMemory : struct, IPhysicalMemory
    {
        ReferenceIommuListing expected = Reference(iommu, read).List(device);
        if (!IommuWalker.TryLookup(ref memory, iommu, new DeviceId(device), out DeviceTableEntry entry, out _)) return 0;
        IoMappingEnumerator<TMemory> mappings = new(memory, iommu, entry, default, new DeviceAddress(ulong.MaxValue));
        int count = 0;
        for (; mappings.MoveNext(); count++)
        {
            IoMapping found = mappings.Current;
            Assert.True(count < expected.Mappings.Count);
            ReferenceIommuMapping row = new(
                found.DeviceAddress.Value, found.Address.Value, found.Size, (found.Rights & DmaRights.Read) != 0,
                (found.Rights & DmaRights.Write) != 0);
            Assert.Equal(expected.Mappings[count], row);
        }

        Assert.Equal(expected.Mappings.Count, count);
        Assert.Equal(expected.IrregularSlots, mappings.InconsistentSlots);
        Assert.Equal(expected.MalformedEntries, mappings.MalformedEntries);
        Assert.Equal(expected.AbsentTables, mappings.AbsentTables);
        return count;
    }
}
