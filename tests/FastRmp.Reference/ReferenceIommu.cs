using System;

namespace FastRmp.Reference;

/// <summary>An AMD IOMMU: the device table, the walk of v1 tables, the events and the RMP check, after AMD-Vi 2 to 6.</summary>
/// <remarks>Keeps nothing of a request. Not thread-safe if the reader is not.</remarks>
public sealed partial class ReferenceIommu
{
    private const uint Write = 0x020;
    private const uint Present = 0x010;
    private const uint Permission = 0x040;
    private const uint ReservedBit = 0x080;
    private const ulong FirstInterrupt = 0xFEE0_0000;
    private const ulong LastInterrupt = 0xFEEF_FFFF;
    private const ulong LargeSize = 2 * 1024 * 1024;

    private readonly ReferenceIommuSetup _setup;
    private readonly Func<ulong, ulong?> _read;

    /// <summary>An IOMMU over some memory.</summary>
    /// <param name="setup">Its registers.</param>
    /// <param name="read">Reads the quadword at a system physical address; null where memory cannot be read.</param>
    public ReferenceIommu(ReferenceIommuSetup setup, Func<ulong, ulong?> read)
    {
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentNullException.ThrowIfNull(read);
        _setup = setup;
        _read = read;
    }

    /// <summary>The device table entry of a device.</summary>
    /// <param name="deviceId">Bus, device and function.</param>
    /// <returns>Null if the table has none, or it cannot be read.</returns>
    public ReferenceDeviceEntry? ReadDevice(int deviceId)
    {
        if (deviceId < 0 || deviceId >= _setup.DeviceCount) return null;
        ulong address = AddressOfDevice(deviceId);
        ulong? q0 = _read(address);
        ulong? q1 = _read(address + 8);
        ulong? q2 = _read(address + 16);
        ulong? q3 = _read(address + 24);
        if (q0 is null || q1 is null || q2 is null || q3 is null) return null;
        return ReferenceDeviceEntry.FromQuadwords(q0.Value, q1.Value, q2.Value, q3.Value);
    }

    /// <summary>One request of a device, without a PASID.</summary>
    /// <param name="deviceId">Bus, device and function.</param>
    /// <param name="iova">The address that the device uses.</param>
    /// <param name="isWrite">Whether it writes.</param>
    /// <param name="setAccessedDirty">Whether the updates that HAD asks for are made; they are returned, memory is not changed.</param>
    /// <returns>The result.</returns>
    public ReferenceIommuResult Translate(int deviceId, ulong iova, bool isWrite, bool setAccessedDirty = false)
    {
        Progress progress = new(deviceId, iova, isWrite, setAccessedDirty);
        if (iova >= FirstInterrupt && iova <= LastInterrupt) return progress.End(ReferenceIommuOutcome.Interrupt);
        if (deviceId >= _setup.DeviceCount) return Illegal(progress);
        ReferenceDeviceEntry? device = ReadDevice(deviceId);
        if (device is null)
        {
            progress.EntryAddress = AddressOfDevice(deviceId);
            progress.Event = ReferenceIommuEvent.DeviceTableHardwareError(deviceId, progress.EntryAddress, progress.WriteFlag);
            return progress.End(ReferenceIommuOutcome.DeviceTableUnreadable);
        }

        progress.Device = device;
        if (!device.Valid) return EndAtPage(progress, iova, 4096);
        if (!device.TranslationValid) return Fault(progress, ReferenceIommuOutcome.Aborted, 0);
        if (device.Mode == 7) return Illegal(progress);
        if (device.GuestTranslation) return progress.End(ReferenceIommuOutcome.GuestTranslationUnsupported);
        if (device.Mode == 0 && _setup.SnpEnabled) return Illegal(progress);
        progress.CanRead = device.CanRead;
        progress.CanWrite = device.CanWrite;
        return device.Mode == 0 ? EndAtPage(progress, iova, 4096) : Walk(progress, device);
    }

    // AMD-Vi 3.5.
    private ReferenceIommuResult Walk(Progress progress, ReferenceDeviceEntry device)
    {
        if (!Reaches(device.Mode, progress.Iova)) return Fault(progress, ReferenceIommuOutcome.NotPresent, 0);
        ulong table = device.Root;
        for (int level = device.Mode; ;)
        {
            progress.Level = level;
            progress.EntryAddress = table + (8 * (progress.Iova / ReferenceIommuEntry.DefaultSize(level) % 512));
            ulong? value = _read(progress.EntryAddress);
            if (value is null)
            {
                progress.Event = ReferenceIommuEvent.PageTableHardwareError(progress.DeviceId, progress.EntryAddress, progress.WriteFlag);
                return progress.End(ReferenceIommuOutcome.PageTableUnreadable);
            }

            progress.Entries.Add(new ReferenceTableEntry(progress.EntryAddress, value.Value));
            ReferenceIommuEntry entry = ReferenceIommuEntry.FromRaw(value.Value);
            if (!entry.Present) return Fault(progress, ReferenceIommuOutcome.NotPresent, 0);
            progress.CanRead &= entry.CanRead;
            progress.CanWrite &= entry.CanWrite;
            bool isTable = entry.NextLevel is >= 1 and <= 6;
            ulong? size = entry.PageSizeAt(level);
            if (size is not null) return EndAtPage(progress, entry.PageBase(size.Value) + (progress.Iova % size.Value), size.Value);
            if (!isTable || entry.NextLevel >= level) return Fault(progress, ReferenceIommuOutcome.Malformed, Present + ReservedBit);

            // AMD-Vi 3.4: what the skipped levels would have indexed must be zero.
            bool skippedAreZero = progress.Iova % ReferenceIommuEntry.DefaultSize(level) < ReferenceIommuEntry.DefaultSize(entry.NextLevel + 1);
            if (!skippedAreZero) return Fault(progress, ReferenceIommuOutcome.NotPresent, 0);
            table = entry.Address;
            level = entry.NextLevel;
        }
    }

    private ReferenceIommuResult EndAtPage(Progress progress, ulong spa, ulong size)
    {
        progress.PhysicalAddress = spa;
        progress.PageSize = size;
        bool allowed = progress.IsWrite ? progress.CanWrite : progress.CanRead;
        if (!allowed) return Fault(progress, ReferenceIommuOutcome.Rights, Present + Permission);
        if (!TryMark(progress)) return RmpFault(progress);
        return DmaIsAllowed(spa, size, progress.IsWrite) ? progress.End(ReferenceIommuOutcome.Mapped) : RmpFault(progress);
    }

    // HAD: bit 7 alone sets Accessed, with bit 8 also Dirty of a write; in the leaf that was used, by a write of 4 KiB.
    private bool TryMark(Progress progress)
    {
        if (!progress.SetsAccessedDirty || progress.Entries.Count == 0 || !progress.Device!.SetsAccessed) return true;
        ReferenceTableEntry leaf = progress.Entries[^1];
        ulong used = leaf.Value | (1UL << 5);
        if (progress.IsWrite && progress.Device.SetsDirty) used |= 1UL << 6;
        if (used == leaf.Value) return true;
        if (!RmpAllows(leaf.Address, ReferencePageSize.Size4K)) return false;
        progress.Writes.Add(new ReferenceTableEntry(leaf.Address, used));
        return true;
    }

    // AMD-Vi 6.2: what is smaller than 2 MiB counts as 4 KiB, anything else as 2 MiB.
    private bool DmaIsAllowed(ulong spa, ulong size, bool isWrite)
    {
        if (!isWrite && !_setup.DmaReadsAreChecked) return true;
        return RmpAllows(spa, size < LargeSize ? ReferencePageSize.Size4K : ReferencePageSize.Size2M);
    }

    private bool RmpAllows(ulong spa, ReferencePageSize size) =>
        !_setup.SnpEnabled || _setup.Rmp is null || _setup.Rmp.DeviceMayAccess(spa, size);

    private ulong AddressOfDevice(int deviceId) => _setup.DeviceTable + (32 * (ulong)deviceId);

    // Mode m covers 2^(12 + 9m) bytes, mode 6 all there is (AMD-Vi 3.2).
    private static bool Reaches(int mode, ulong iova) => mode == 6 || iova < ReferenceIommuEntry.DefaultSize(mode + 1);

    private static ReferenceIommuResult Illegal(Progress progress)
    {
        progress.Event = ReferenceIommuEvent.IllegalDeviceTableEntry(progress.DeviceId, progress.Iova, progress.WriteFlag);
        return progress.End(ReferenceIommuOutcome.IllegalDeviceEntry);
    }

    private static ReferenceIommuResult Fault(Progress progress, ReferenceIommuOutcome outcome, uint flags)
    {
        progress.Event = ReferenceIommuEvent.IoPageFault(progress.DeviceId, progress.Device!.Domain, progress.Iova, flags + progress.WriteFlag);
        return progress.End(outcome);
    }

    // The address is the device's own, and so is the direction, also where marking the table was refused (AMD-Vi 6.2).
    private static ReferenceIommuResult RmpFault(Progress progress)
    {
        progress.Event = ReferenceIommuEvent.RmpPageFault(progress.DeviceId, progress.Iova, progress.WriteFlag);
        return progress.End(ReferenceIommuOutcome.RmpViolation);
    }
}
