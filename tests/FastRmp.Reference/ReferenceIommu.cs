using System;

namespace FastRmp.Reference;

/// <summary>An AMD IOMMU: the device table, the walk of v1 and v2 tables, the events and the RMP check, after AMD-Vi 2 to 6.</summary>
/// <remarks>Keeps nothing of a request. Not thread-safe if the reader is not.</remarks>
public sealed partial class ReferenceIommu
{
    private const uint Guest = 0x001;
    private const uint NoExecute = 0x002;
    private const uint User = 0x004;
    private const uint Present = 0x010;
    private const uint Write = 0x020;
    private const uint Permission = 0x040;
    private const uint ReservedBit = 0x080;
    private const ulong FirstInterrupt = 0xFEE0_0000;
    private const ulong LastInterrupt = 0xFEEF_FFFF;
    private const ulong LargeSize = 2 * 1024 * 1024;
    private const ulong PhysicalEnd = 1UL << 52;

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

    private ReferenceIommuChoices Choices => _setup.Choices;

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
    public ReferenceIommuResult Translate(int deviceId, ulong iova, bool isWrite, bool setAccessedDirty = false) =>
        Translate(deviceId, new ReferenceIommuRequest(iova, isWrite), setAccessedDirty);

    /// <summary>One request of a device. The tests stand in the order of AMD-Vi 2.2.</summary>
    /// <param name="deviceId">Bus, device and function.</param>
    /// <param name="request">The request.</param>
    /// <param name="setAccessedDirty">Whether the updates of Accessed and Dirty are made; they are returned, memory is not changed.</param>
    /// <returns>The result.</returns>
    public ReferenceIommuResult Translate(int deviceId, ReferenceIommuRequest request, bool setAccessedDirty = false)
    {
        Progress progress = new(deviceId, request, setAccessedDirty);
        if (request.Iova >= FirstInterrupt && request.Iova <= LastInterrupt)
        {
            return End(progress, new HostEnd(ReferenceIommuOutcome.Interrupt));
        }

        if (deviceId >= _setup.DeviceCount) return End(progress, new HostEnd(ReferenceIommuOutcome.BeyondTable));
        ReferenceDeviceEntry? device = ReadDevice(deviceId);
        if (device is null)
        {
            return End(progress, new HostEnd(ReferenceIommuOutcome.DeviceTableUnreadable) { EntryAddress = AddressOfDevice(deviceId) });
        }

        progress.Device = device;
        if (!device.Valid) return End(progress, Untranslated(request, true, true, Choices.ChecksInvalidDevices));
        if (Choices.TvFirst && !device.TranslationValid) return End(progress, new HostEnd(ReferenceIommuOutcome.Aborted));
        if (device.WrongBits(_setup).Count != 0) return End(progress, new HostEnd(ReferenceIommuOutcome.NonZeroDeviceBit));
        if (!device.TranslationValid) return End(progress, new HostEnd(ReferenceIommuOutcome.Aborted));
        bool allowed = request.IsWrite ? device.CanWrite : device.CanRead;
        HostEnd refused = new(ReferenceIommuOutcome.Rights) { CanRead = device.CanRead, CanWrite = device.CanWrite };
        bool isPossible = device.IsPossible(_setup);
        if (Choices.RightsBeforeEncoding && !isPossible && !allowed) return End(progress, refused);
        if (!isPossible) return End(progress, new HostEnd(ReferenceIommuOutcome.IllegalDeviceEntry));

        // Rights are judged at the DTE first (AMD-Vi 3.5 b, VirtualBox); by choice only where a v1 walk ends.
        if (!allowed && !(Choices.RightsAtLeaf && device.Mode != 0)) return End(progress, refused);
        if (device.GuestTranslation && (request.Pasid is not null || device.GuestProtection)) return TranslateGuest(progress, device);
        if (device.Mode == 0) return End(progress, Untranslated(request, device.CanRead, device.CanWrite, isChecked: true));
        return End(progress, WalkHost(progress, device, request.Iova, request.IsWrite));
    }

    private HostEnd Untranslated(ReferenceIommuRequest request, bool canRead, bool canWrite, bool isChecked)
    {
        // No system physical address is that long.
        if (request.Iova >= PhysicalEnd) return new HostEnd(ReferenceIommuOutcome.OutOfReach);
        bool passes = !isChecked || DmaIsAllowed(request.Iova, 4096, request.IsWrite);
        return new HostEnd(passes ? ReferenceIommuOutcome.Mapped : ReferenceIommuOutcome.RmpViolation)
        {
            Spa = request.Iova,
            Size = 4096,
            CanRead = canRead,
            CanWrite = canWrite,
        };
    }

    // AMD-Vi 3.5. The address is the device's, or under v2 tables a guest physical one.
    private HostEnd WalkHost(Progress progress, ReferenceDeviceEntry device, ulong address, bool isWrite)
    {
        if (!Reaches(device.Mode, address)) return new HostEnd(ReferenceIommuOutcome.OutOfReach);
        bool canRead = device.CanRead;
        bool canWrite = device.CanWrite;
        ulong table = _setup.WithoutC(device.Root);
        for (int level = device.Mode; ;)
        {
            ulong place = table + (8 * (address / ReferenceIommuEntry.DefaultSize(level) % 512));
            HostEnd here = new(ReferenceIommuOutcome.NotPresent) { Level = level, EntryAddress = place };
            ulong? value = Read(progress, place);
            if (value is null) return here with { Outcome = ReferenceIommuOutcome.PageTableUnreadable };
            progress.Entries.Add(new ReferenceTableEntry(place, value.Value));
            ReferenceIommuEntry entry = ReferenceIommuEntry.FromRaw(_setup.WithoutC(value.Value));
            if (!entry.Present) return here;
            if (entry.HasReservedBit) return here with { Outcome = ReferenceIommuOutcome.NonZeroBit };
            canRead &= entry.CanRead;
            canWrite &= entry.CanWrite;
            bool isTable = entry.NextLevel is >= 1 and <= 6;
            ulong? size = entry.PageSizeAt(level);
            ulong spa = size is null ? 0 : entry.PageBase(size.Value) + (address % size.Value);
            HostEnd atPage = here with { Spa = spa, Size = size ?? 0, CanRead = canRead, CanWrite = canWrite };
            bool isJudged = !isTable || !Choices.RightsAtLeaf;
            if (isJudged && !(isWrite ? canWrite : canRead)) return atPage with { Outcome = ReferenceIommuOutcome.Rights };
            if (size is not null) return FinishHost(progress, device, atPage, value.Value, isWrite);
            if (!isTable || entry.NextLevel >= level) return here with { Outcome = ReferenceIommuOutcome.Malformed };

            // AMD-Vi 3.4: what the skipped levels would have indexed must be zero.
            bool skippedAreZero = address % ReferenceIommuEntry.DefaultSize(level) < ReferenceIommuEntry.DefaultSize(entry.NextLevel + 1);
            if (!skippedAreZero) return here with { Outcome = ReferenceIommuOutcome.SkippedBits };
            table = entry.Address;
            level = entry.NextLevel;
        }
    }

    // HAD: bit 7 alone sets Accessed, with bit 8 also Dirty of a write; in the leaf that was used, by a write of 4 KiB.
    private HostEnd FinishHost(Progress progress, ReferenceDeviceEntry device, HostEnd atPage, ulong value, bool isWrite)
    {
        if (progress.SetsAccessedDirty && device.SetsAccessed)
        {
            ulong used = value | (1UL << 5);
            if (isWrite && device.SetsDirty) used |= 1UL << 6;
            if (used != value)
            {
                HostEnd refused = new(ReferenceIommuOutcome.RmpViolation)
                {
                    Level = atPage.Level,
                    EntryAddress = atPage.EntryAddress,
                    IsOfEntry = true,
                };
                if (!RmpAllows(atPage.EntryAddress, ReferencePageSize.Size4K)) return refused;
                progress.Writes.Add(new ReferenceTableEntry(atPage.EntryAddress, used));
            }
        }

        bool passes = DmaIsAllowed(atPage.Spa, atPage.Size, isWrite);
        return atPage with { Outcome = passes ? ReferenceIommuOutcome.Mapped : ReferenceIommuOutcome.RmpViolation };
    }

    // What this request wrote is what it reads again.
    private ulong? Read(Progress progress, ulong address)
    {
        for (int i = progress.Writes.Count - 1; i >= 0; i--)
        {
            if (progress.Writes[i].Address == address) return progress.Writes[i].Value;
        }

        return _read(address);
    }

    // AMD-Vi 6.2: what is smaller than 2 MiB counts as 4 KiB, anything else as 2 MiB.
    private bool DmaIsAllowed(ulong spa, ulong size, bool isWrite)
    {
        if (!isWrite && !Choices.ChecksReads) return true;
        bool isSmall = Choices.MiddleSizesCountAsLarge ? size == 4096 : size < LargeSize;
        return RmpAllows(spa, isSmall ? ReferencePageSize.Size4K : ReferencePageSize.Size2M);
    }

    private bool RmpAllows(ulong spa, ReferencePageSize size) =>
        !_setup.SnpEnabled || _setup.Rmp is null || _setup.Rmp.DeviceMayAccess(spa, size);

    private ulong AddressOfDevice(int deviceId) => _setup.DeviceTable + (32 * (ulong)deviceId);

    // Mode m covers 2^(12 + 9m) bytes, mode 6 all there is (AMD-Vi 3.2).
    private static bool Reaches(int mode, ulong iova) => mode == 6 || iova < ReferenceIommuEntry.DefaultSize(mode + 1);
}
