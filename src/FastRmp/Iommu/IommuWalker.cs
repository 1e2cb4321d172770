using System.Runtime.CompilerServices;

namespace FastRmp.Iommu;

/// <summary>Translates devices' requests as an AMD-Vi IOMMU does: device table entry; host (v1) page tables of one to six levels with pages
/// of 4 KiB to 2 PiB; guest (v2) tables by PASID, alone or over host tables.</summary>
/// <remarks>
/// <para>Source: AMD I/O Virtualization Technology (IOMMU) Specification; Linux drivers/iommu/amd; QEMU hw/i386/amd_iommu.c. Entries may
/// skip levels; the address bits left out must then be zero. Interrupt remapping and exclusion ranges are not modelled.</para>
/// <para>Guest (v2) tables have the format of long-mode paging with four or five levels. Where there are host tables, too, every guest
/// physical address goes through them: of guest tables, of the page, and with GCR3TRPMode of the GCR3 table. The size of the page is the
/// smaller of both, the rights are those of all tables and of the device table entry; a read needs P and U/S.</para>
/// <para>Every entry is read once. Levels strictly fall, so a table that points at itself ends. Nothing is allocated; a failed request is a
/// value, and <see cref="IommuEvent"/>.TryCreate makes the log entry of it. Any threads may walk the same memory.</para>
/// <para>A check is asked with 4 KiB for pages below 2 MiB, with 2 MiB below 1 GiB, else with 1 GiB; over host tables with the size of
/// theirs. Reads of GCR3 and guest tables are DMA, and it is asked for them, too.</para>
/// </remarks>
public static partial class IommuWalker
{
    private const ulong InterruptStart = 0xFEE0_0000UL;
    private const ulong InterruptLength = 0x10_0000UL;

    /// <summary>Reads the device table entry of a device.</summary>
    /// <typeparam name="TMemory">The memory that holds the device table.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">Where the device table is.</param>
    /// <param name="device">The device.</param>
    /// <param name="entry">The entry, or zero.</param>
    /// <param name="failure">What a request of the device ends with if there is no entry.</param>
    /// <returns>False if the entry is beyond the table, or the memory does not hold it.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLookup<TMemory>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, out DeviceTableEntry entry, out IommuWalkResult failure)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        entry = default;
        failure = default;
        if (!iommu.TryLocate(device, out PhysicalAddress address))
        {
            failure = IommuRules.Ended(IommuStatus.BeyondDeviceTable, address);
            return false;
        }

        if (!memory.TryRead(address, out ulong word0)
            || !memory.TryRead(PhysicalAddress.CreateUnchecked(address.Value + sizeof(ulong)), out ulong word1)
            || !memory.TryRead(PhysicalAddress.CreateUnchecked(address.Value + (2 * sizeof(ulong))), out ulong word2)
            || !memory.TryRead(PhysicalAddress.CreateUnchecked(address.Value + (3 * sizeof(ulong))), out ulong word3))
        {
            failure = IommuRules.Ended(IommuStatus.DeviceTableOutsideMemory, address);
            return false;
        }

        entry = new DeviceTableEntry(word0, word1, word2, word3);
        return true;
    }

    /// <summary>Translates a request without setting Accessed or Dirty bits and without any check after the walk: for images.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the request.</param>
    /// <param name="address">The address in it.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IommuWalkResult Translate<TMemory>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, DeviceAddress address, bool isWrite)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        NoCheck check = default;
        return Translate(ref memory, iommu, device, address, isWrite, ref check);
    }

    /// <summary>Translates a request without setting Accessed or Dirty bits, and asks a check whether it may happen.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked after the walk.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the request.</param>
    /// <param name="address">The address in it.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IommuWalkResult Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, DeviceAddress address, bool isWrite, scoped ref TCheck check)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        if (IsInterrupt(address)) return IommuRules.Ended(IommuStatus.Interrupt);
        NoTrace trace = default;
        return TryLookup(ref memory, iommu, device, out DeviceTableEntry entry, out IommuWalkResult failure)
            ? IommuWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Run(
                ref memory, iommu, entry, address.Value, isWrite, ref check, ref trace)
            : failure;
    }

    /// <summary>Translates a request of any kind, without setting Accessed or Dirty bits.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked after the walk, and for each read of GCR3 and guest tables.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome.</returns>
    public static IommuWalkResult Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, in IommuRequest request, scoped ref TCheck check)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct =>
            Asked<TMemory, TCheck, LeaveEntries<TMemory>>(ref memory, iommu, device, request, ref check);

    /// <summary>As the other, for callers that keep device table entries, as an IOMMU's cache does.</summary>
    /// <typeparam name="TMemory">The memory that holds the page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked after the walk.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU; where its device table is does not matter.</param>
    /// <param name="entry">The device table entry of who makes the request.</param>
    /// <param name="address">The address in it.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IommuWalkResult Translate<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry entry, DeviceAddress address, bool isWrite,
        scoped ref TCheck check)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        if (IsInterrupt(address)) return IommuRules.Ended(IommuStatus.Interrupt);
        NoTrace trace = default;
        return IommuWalk<TMemory, TCheck, LeaveEntries<TMemory>, NoTrace>.Run(
            ref memory, iommu, entry, address.Value, isWrite, ref check, ref trace);
    }

    /// <summary>Translates a request of any kind, and reports every page-table entry passed.</summary>
    /// <typeparam name="TMemory">The memory that holds the page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked after the walk, and for each read of GCR3 and guest tables.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU; where its device table is does not matter.</param>
    /// <param name="entry">The device table entry of who makes the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="check">The check.</param>
    /// <param name="trace">Receives the entries.</param>
    /// <returns>The outcome.</returns>
    public static IommuWalkResult Trace<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, in DeviceTableEntry entry, in IommuRequest request, scoped ref TCheck check,
        ref WalkTrace trace)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        EntryTrace recorder = default;
        trace.Clear();
        if (IsInterrupt(request.Address)) return IommuRules.Ended(IommuStatus.Interrupt);
        IommuWalkResult result =
            IommuWalk<TMemory, TCheck, LeaveEntries<TMemory>, EntryTrace>.Any(ref memory, iommu, entry, request, ref check, ref recorder);
        trace = recorder.Steps;
        return result;
    }

    /// <summary>Performs a request as the IOMMU does: as HAD of the device table entry says, Accessed and Dirty are set in the entry that
    /// maps the page, by compare-exchange; in guest (v2) tables Accessed at every level, and Dirty in the leaf.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked before an entry is written, and after the walk.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the request.</param>
    /// <param name="address">The address in it.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <param name="check">The check.</param>
    /// <returns>The outcome; <see cref="IommuStatus.Contended"/> if other writers won the race for an entry each time.</returns>
    /// <remarks>For a page that fills several entries the one used is marked. It is marked before the page itself is checked. Where host
    /// tables translate guest tables, marking one of those needs IW of them.</remarks>
    public static IommuWalkResult Access<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, DeviceAddress address, bool isWrite, scoped ref TCheck check)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
    {
        if (IsInterrupt(address)) return IommuRules.Ended(IommuStatus.Interrupt);
        NoTrace trace = default;
        return TryLookup(ref memory, iommu, device, out DeviceTableEntry entry, out IommuWalkResult failure)
            ? IommuWalk<TMemory, TCheck, UpdateEntries<TMemory>, NoTrace>.Run(
                ref memory, iommu, entry, address.Value, isWrite, ref check, ref trace)
            : failure;
    }

    /// <summary>Performs a request of any kind.</summary>
    /// <typeparam name="TMemory">The memory that holds device table and page tables.</typeparam>
    /// <typeparam name="TCheck">What is asked before an entry is written, for each read of GCR3 and guest tables, and after the
    /// walk.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="iommu">The IOMMU.</param>
    /// <param name="device">Who makes the request.</param>
    /// <param name="request">The request.</param>
    /// <param name="check">The check.</param>
    /// <returns>As the other.</returns>
    public static IommuWalkResult Access<TMemory, TCheck>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, in IommuRequest request, scoped ref TCheck check)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct =>
            Asked<TMemory, TCheck, UpdateEntries<TMemory>>(ref memory, iommu, device, request, ref check);

    /// <summary>A request of any kind, from the device table on.</summary>
    private static IommuWalkResult Asked<TMemory, TCheck, TUpdate>(
        scoped ref TMemory memory, in IommuState iommu, DeviceId device, in IommuRequest request, scoped ref TCheck check)
        where TMemory : struct, IPhysicalMemory, allows ref struct
        where TCheck : struct, IWalkCheck, allows ref struct
        where TUpdate : struct, IEntryUpdate<TMemory>
    {
        if (IsInterrupt(request.Address)) return IommuRules.Ended(IommuStatus.Interrupt);
        NoTrace trace = default;
        return TryLookup(ref memory, iommu, device, out DeviceTableEntry entry, out IommuWalkResult failure)
            ? IommuWalk<TMemory, TCheck, TUpdate, NoTrace>.Any(ref memory, iommu, entry, request, ref check, ref trace)
            : failure;
    }

    /// <summary>Requests to this range are interrupts whatever the device table says; QEMU hw/i386/amd_iommu.c.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsInterrupt(DeviceAddress address) => address.Value - InterruptStart < InterruptLength;
}
