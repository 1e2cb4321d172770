using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Addressing;
using FastRmp.Iommu;
using FastRmp.Layouts;
using FastRmp.Memory;
using FastRmp.Paging;
using FastRmp.Reference;
using FastRmp.Tests.Paging;
using Xunit;

namespace FastRmp.Tests.Iommu;

/// <summary>One request, asked of the library and of the reference; everything that both tell has to agree.</summary>
internal static class IommuDuel
{
    private static readonly Dictionary<ReferenceIommuOutcome, IommuStatus[]> Outcomes = new()
    {
        [ReferenceIommuOutcome.Mapped] = [IommuStatus.Mapped],
        [ReferenceIommuOutcome.Interrupt] = [IommuStatus.Interrupt],
        [ReferenceIommuOutcome.Aborted] = [IommuStatus.NoTranslation],
        [ReferenceIommuOutcome.GuestTranslationUnsupported] = [IommuStatus.GuestTranslationUnsupported],
        [ReferenceIommuOutcome.IllegalDeviceEntry] = [IommuStatus.IllegalDeviceTableEntry],
        [ReferenceIommuOutcome.DeviceTableUnreadable] = [IommuStatus.DeviceTableOutsideMemory],
        [ReferenceIommuOutcome.PageTableUnreadable] = [IommuStatus.OutsideMemory],
        [ReferenceIommuOutcome.NotPresent] = [IommuStatus.NotPresent, IommuStatus.OutOfReach],
        [ReferenceIommuOutcome.Malformed] = [IommuStatus.MalformedEntry],
        [ReferenceIommuOutcome.Rights] = [IommuStatus.RightsViolation],
        [ReferenceIommuOutcome.RmpViolation] = [IommuStatus.RmpViolation],
    };

    internal static ReferenceIommu Reference(IommuState iommu, Func<ulong, ulong?> read) => new(
        new ReferenceIommuSetup { DeviceTable = iommu.DeviceTable.Base.Value, DeviceCount = iommu.Entries, SnpEnabled = iommu.IsSnpEnabled }, read);

    /// <summary>A request that changes nothing.</summary>
    internal static IommuStatus Translate<TMemory>(scoped ref TMemory memory, Func<ulong, ulong?> read, IommuState iommu, ushort device, ulong iova, bool isWrite)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        DeviceId id = new(device);
        ReferenceIommuResult expected = Reference(iommu, read).Translate(device, iova, isWrite);
        IommuTranslation actual = IommuWalker.Translate(ref memory, iommu, id, new DeviceAddress(iova), isWrite);
        Same(expected, actual, iova);
        SameEvent(ref memory, expected, actual, iommu, id, iova, isWrite);
        if (!IommuWalker.TryLookup(ref memory, iommu, id, out DeviceTableEntry entry, out _)) return actual.Status;
        NoCheck check = default;
        IoWalkTrace trace = default;
        Assert.Equal(actual, IommuWalker.Trace(ref memory, entry, iommu.IsSnpEnabled, new DeviceAddress(iova), isWrite, ref check, ref trace));
        Assert.Equal(actual, IommuWalker.Translate(ref memory, entry, iommu.IsSnpEnabled, new DeviceAddress(iova), isWrite, ref check));
        Assert.Equal(expected.Entries.Count, trace.Count);
        for (int i = 0; i < trace.Count; i++)
        {
            Assert.Equal(expected.Entries[i], new ReferenceTableEntry(trace.Steps[i].Address.Value, trace.Steps[i].Entry.Value));
        }

        return actual.Status;
    }

    /// <summary>A request that marks the page's entry.</summary>
    internal static void Access(WalkMemory memory, IommuState iommu, ushort device, ulong iova, bool isWrite)
    {
        ReferenceIommuResult expected = Reference(iommu, memory.Read).Translate(device, iova, isWrite, setAccessedDirty: true);
        memory.Writes.Clear();
        WalkView view = new(memory);
        NoCheck check = default;
        IommuTranslation actual = IommuWalker.Access(ref view, iommu, new DeviceId(device), new DeviceAddress(iova), isWrite, ref check);
        Same(expected, actual, iova);
        Assert.Equal(expected.Writes, memory.Writes);
        foreach (ReferenceTableEntry step in expected.Entries.Where(step => memory.Writes.Exists(write => write.Address == step.Address)))
        {
            memory[step.Address] = step.Value;
        }
    }

    private static void Same(ReferenceIommuResult expected, IommuTranslation actual, ulong iova)
    {
        Assert.True(Outcomes[expected.Outcome].Contains(actual.Status), $"{iova:x}: {expected.Outcome} {actual.Status}");
        bool hasPage = expected.Outcome is ReferenceIommuOutcome.Mapped or ReferenceIommuOutcome.Rights;
        Assert.Equal(hasPage, actual.HasPage);
        Assert.Equal(expected.PageSize, actual.Size);
        Assert.Equal(expected.Level, actual.Level);
        if (hasPage)
        {
            Assert.Equal(expected.PhysicalAddress, actual.Address.Value);
            Assert.Equal(expected.CanRead, (actual.Rights & DmaRights.Read) != 0);
            Assert.Equal(expected.CanWrite, (actual.Rights & DmaRights.Write) != 0);
        }
        else if (actual.Level != 0)
        {
            Assert.Equal(expected.EntryAddress, actual.Address.Value);
        }
    }

    private static void SameEvent<TMemory>(scoped ref TMemory memory, ReferenceIommuResult expected, IommuTranslation actual, IommuState iommu, DeviceId id, ulong iova, bool isWrite)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        _ = IommuWalker.TryLookup(ref memory, iommu, id, out DeviceTableEntry entry, out _);
        entry = entry.WithSuppressAllFaults(false); // the reference does not look at it
        bool isLogged = IommuEvent.TryCreate(actual, id, entry, new DeviceAddress(iova), isWrite, out IommuEvent logged);
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
        IoMappingEnumerator<TMemory> mappings = new(memory, entry);
        int count = 0;
        for (; mappings.MoveNext(); count++)
        {
            IoMapping found = mappings.Current;
            Assert.True(count < expected.Mappings.Count);
            ReferenceIommuMapping row = new(
                found.DeviceAddress.Value, found.Address.Value, found.Size, (found.Rights & DmaRights.Read) != 0, (found.Rights & DmaRights.Write) != 0);
            Assert.Equal(expected.Mappings[count], row);
        }

        Assert.Equal(expected.Mappings.Count, count);
        Assert.Equal(expected.IrregularSlots, mappings.InconsistentSlots);
        Assert.Equal(expected.MalformedEntries, mappings.MalformedEntries);
        Assert.Equal(expected.AbsentTables, mappings.AbsentTables);
        return count;
    }
}
