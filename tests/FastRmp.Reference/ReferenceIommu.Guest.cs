namespace FastRmp.Reference;

/// <content>Guest (v2) tables (AMD-Vi 4), entry for entry as its pseudo-code has them.</content>
public sealed partial class ReferenceIommu
{
    private ReferenceIommuResult TranslateGuest(Progress progress, ReferenceDeviceEntry device)
    {
        ReferenceIommuRequest request = progress.Request;
        ulong pasid = request.Pasid ?? 0;
        int gcr3Levels = device.GuestLevels + 1;
        ulong limit = 1UL << (9 * gcr3Levels);
        if (_setup.FeatureField(36, 32) is ulong pasMax && 1UL << (int)(pasMax + 1) < limit) limit = 1UL << (int)(pasMax + 1);
        if (pasid >= limit) return End(progress, new HostEnd(ReferenceIommuOutcome.PasidTooLarge), ReferenceIommuPart.Gcr3);

        // Without GCR3TRPMode the GCR3 tables are named by system physical addresses (AMD-Vi 4.4).
        bool gcr3IsGuestPhysical = _setup.IsEnabled(58) && _setup.Has2(3);
        ulong table = _setup.WithoutC(device.GuestRoot);
        for (int level = gcr3Levels; level >= 1; level--)
        {
            ulong gpa = table + (8 * ((pasid >> (9 * (level - 1))) % 512));
            HostEnd place = gcr3IsGuestPhysical ? Host(progress, device, gpa, false, 4096) : Flat(gpa, false, 4096, device);
            if (place.Outcome != ReferenceIommuOutcome.Mapped)
            {
                return EndOnTheWay(progress, place, gpa, false, ReferenceIommuPart.Gcr3, level);
            }

            HostEnd here = new(ReferenceIommuOutcome.InvalidGcr3) { Level = level, EntryAddress = place.Spa };
            if (Read(progress, place.Spa) is not ulong value)
            {
                return End(progress, here with { Outcome = ReferenceIommuOutcome.PageTableUnreadable }, ReferenceIommuPart.Gcr3);
            }

            progress.Entries.Add(new ReferenceTableEntry(place.Spa, value));
            if (value % 2 == 0) return End(progress, here, ReferenceIommuPart.Gcr3);
            table = _setup.WithoutC((value >> 12) % (1UL << 40) * 4096);
        }

        int levels = 4 + device.GuestPagingMode;
        if (!ReferenceWalker.IsCanonical(request.Iova, levels))
        {
            return End(progress, new HostEnd(ReferenceIommuOutcome.NonCanonical), ReferenceIommuPart.Guest);
        }

        return WalkGuest(progress, device, table, levels);
    }

    private ReferenceIommuResult WalkGuest(Progress progress, ReferenceDeviceEntry device, ulong table, int levels)
    {
        ReferenceIommuRequest request = progress.Request;
        bool writable = true;
        bool user = true;
        bool noExecute = false;
        for (int level = levels; ; level--)
        {
            ulong span = 1UL << (12 + (9 * (level - 1)));
            ulong gpa = table + (8 * (request.Iova / span % 512));
            HostEnd place = Host(progress, device, gpa, false, 4096);
            if (place.Outcome != ReferenceIommuOutcome.Mapped)
            {
                return EndOnTheWay(progress, place, gpa, false, ReferenceIommuPart.Guest, level);
            }

            HostEnd here = new(ReferenceIommuOutcome.NotPresent) { Level = level, EntryAddress = place.Spa };
            if (Read(progress, place.Spa) is not ulong value)
            {
                return End(progress, here with { Outcome = ReferenceIommuOutcome.PageTableUnreadable }, ReferenceIommuPart.Guest, gpa);
            }

            progress.Entries.Add(new ReferenceTableEntry(place.Spa, value));
            if (!Bit(value, 0)) return End(progress, here, ReferenceIommuPart.Guest, gpa);
            bool isLeaf = level == 1 || (level <= 3 && Bit(value, 7));
            if (HasReservedBit(value, level, isLeaf))
            {
                return End(progress, here with { Outcome = ReferenceIommuOutcome.NonZeroBit }, ReferenceIommuPart.Guest, gpa);
            }

            writable &= Bit(value, 1);
            user &= Bit(value, 2);
            noExecute |= Bit(value, 63) && _setup.Has(3);
            ulong next = _setup.WithoutC((value >> 12) % (1UL << 40) * 4096);
            ulong page = next - (next % span) + (request.Iova % span);
            if (isLeaf)
            {
                // AMD-Vi 4.5: the flags name what stopped the request.
                uint cause = (!user && !request.IsPrivileged ? User : 0) + (noExecute && request.IsExecute ? NoExecute : 0);
                if (cause != 0 || (request.IsWrite && !writable))
                {
                    HostEnd refused = here with { Outcome = ReferenceIommuOutcome.Rights, CanRead = user, CanWrite = user && writable };
                    return End(progress, refused, ReferenceIommuPart.Guest, page, cause: cause, canExecute: user && !noExecute);
                }
            }

            ulong used = value | (1UL << 5) | (isLeaf && request.IsWrite ? 1UL << 6 : 0);
            if (progress.SetsAccessedDirty && used != value)
            {
                // The update is a write to the table: IW of the v1 tables, and the RMP.
                HostEnd marked = Host(progress, device, gpa, true, 4096);
                if (marked.Outcome != ReferenceIommuOutcome.Mapped)
                {
                    return EndOnTheWay(progress, marked, gpa, true, ReferenceIommuPart.Guest, level);
                }

                progress.Writes.Add(new ReferenceTableEntry(place.Spa, used));
            }

            if (!isLeaf)
            {
                table = next;
                continue;
            }

            HostEnd end = Host(progress, device, page, request.IsWrite, span);
            bool reached = end.Outcome == ReferenceIommuOutcome.Mapped
                || (end.Outcome == ReferenceIommuOutcome.RmpViolation && !end.IsOfEntry);
            if (!reached)
            {
                return End(
                    progress, end with { Size = end.Size < span ? end.Size : span }, ReferenceIommuPart.HostUnderGuest, page,
                    request.IsWrite);
            }

            HostEnd both = end with
            {
                Level = level,
                Size = end.Size < span ? end.Size : span,
                CanRead = end.CanRead && user,
                CanWrite = end.CanWrite && user && writable,
            };
            return End(progress, both, ReferenceIommuPart.Guest, page, canExecute: user && !noExecute);
        }
    }

    // AMD-Vi 4.4: v1 tables if there are any, else the address itself.
    private HostEnd Host(Progress progress, ReferenceDeviceEntry device, ulong gpa, bool isWrite, ulong size) =>
        device.Mode != 0 ? WalkHost(progress, device, gpa, isWrite) : Flat(gpa, isWrite, size, device);

    private HostEnd Flat(ulong spa, bool isWrite, ulong size, ReferenceDeviceEntry device)
    {
        bool passes = DmaIsAllowed(spa, size, isWrite);
        return new HostEnd(passes ? ReferenceIommuOutcome.Mapped : ReferenceIommuOutcome.RmpViolation)
        {
            Spa = spa,
            Size = size,
            CanRead = device.CanRead,
            CanWrite = device.CanWrite,
        };
    }

    // An entry of GCR3 or v2 tables could not be got at: v1 tables are against it, or the RMP is.
    private ReferenceIommuResult EndOnTheWay(Progress progress, HostEnd place, ulong gpa, bool isWrite, ReferenceIommuPart part, int level)
    {
        if (place.Outcome == ReferenceIommuOutcome.RmpViolation && !place.IsOfEntry)
        {
            return End(progress, new HostEnd(place.Outcome) { Level = level, EntryAddress = place.Spa, IsOfEntry = true }, part, gpa);
        }

        return End(progress, place, ReferenceIommuPart.HostUnderGuest, gpa, isWrite);
    }

    // x86 paging 3.2; the width of physical addresses is not known, so that no address bit is reserved.
    private bool HasReservedBit(ulong value, int level, bool isLeaf)
    {
        if (Bit(value, 63) && !_setup.Has(3)) return true;
        if (level >= 4) return Bit(value, 7) || Bit(value, 8);
        if (!isLeaf || level == 1) return false;
        return (value >> 13) % (1UL << (level == 3 ? 17 : 8)) != 0;
    }

    private static bool Bit(ulong value, int bit) => (value >> bit) % 2 == 1;
}
