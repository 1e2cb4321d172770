using System;

namespace FastRmp.Reference;

/// <summary>A guest's page walk through nested tables, with the RMP checks on the way (paging 8, rmp 6.2).</summary>
/// <remarks>
/// The guest's tables and the final address are translated by the nested ones; an access to a guest table counts as a user's
/// write, and its RMP check is made before the entry is read. Keeps nothing of a walk. Not thread-safe if the reader is not.
/// </remarks>
public sealed partial class ReferenceNestedWalker
{
    private readonly ReferenceNestedSetup _setup;
    private readonly ReferencePagingRules _guest;
    private readonly ReferencePaging _nested;
    private readonly Func<ulong, ulong?> _read;

    /// <summary>A walker over some memory.</summary>
    /// <param name="setup">The guest, its paging and the host's.</param>
    /// <param name="read">Reads the quadword at a system physical address; null outside memory.</param>
    public ReferenceNestedWalker(ReferenceNestedSetup setup, Func<ulong, ulong?> read)
    {
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentNullException.ThrowIfNull(read);
        if (setup.Guest.Levels is not (4 or 5))
        {
            throw new ArgumentOutOfRangeException(nameof(setup), setup.Guest.Levels, "Levels is 4 or 5.");
        }

        _setup = setup;
        _guest = new ReferencePagingRules(setup.Guest);
        _read = read;

        // paging 8.4: SMEP alone makes I/D reported; taught by kvm-unit-tests, and QEMU's and Bochs's rows agree.
        _nested = setup.Host with { SupervisorKeys = false, ReportsFetchWithSmepAlone = true };
    }

    /// <summary>Walks for one access by the guest.</summary>
    /// <param name="access">The access, a read, a write or a fetch, or one to a shadow stack; one in user mode has CPL 3, any other CPL
    /// 0.</param>
    /// <param name="setAccessedDirty">Whether Accessed and Dirty are to be set; the writes are returned, memory is not changed.</param>
    /// <returns>The result; it always has one, also where tables point at themselves.</returns>
    public ReferenceNestedResult Walk(ReferenceAccess access, bool setAccessedDirty = false)
    {
        access = _guest.AsEnabled(access);
        if (setAccessedDirty && _setup.FaultingWalksMarkNothing)
        {
            ReferenceNestedResult dry = new ReferenceNestedWalker(_setup with { Rmp = null }, _read).Walk(access);
            if (dry.Outcome != ReferenceNestedOutcome.Mapped) return dry;
        }

        Progress progress = new(access, setAccessedDirty);
        if (!ReferenceWalker.IsCanonical(access.Address, _setup.Guest.Levels))
        {
            progress.GuestOutcome = ReferenceWalkOutcome.NonCanonical;
            return progress.End(ReferenceNestedOutcome.NonCanonical);
        }

        ulong table = _guest.AddressField(_setup.Guest.Cr3, 12);
        for (int level = _setup.Guest.Levels; ; level--)
        {
            progress.GuestLevel = level;
            ulong gpa = table + (8 * ReferencePagingRules.IndexAt(access.Address, level));
            ReferenceNestedResult? stop = ReadGuestEntry(progress, gpa, out ulong spa, out ulong entry);
            if (stop is not null) return stop;

            bool present = ReferencePagingRules.Bit(entry, 0);
            if (!present) return GuestFault(progress, ReferenceWalkOutcome.NotPresent, _guest.ErrorCode(access, present: false));
            bool malformed = _guest.IsMalformed(entry, level) || HasForbiddenEncryptionBit(entry);
            if (malformed) return GuestFault(progress, ReferenceWalkOutcome.Malformed, _guest.ErrorCode(access, present: true) + 8);

            if (ReferencePagingRules.IsLeaf(entry, level)) return EndAtGuestLeaf(progress, spa, entry);
            progress.GuestRights = progress.GuestRights.And(entry);
            progress.Write(spa, entry, entry | (1UL << 5));
            table = _guest.AddressField(entry, 12);
        }
    }

    private ReferenceNestedResult EndAtGuestLeaf(Progress progress, ulong spa, ulong entry)
    {
        ReferenceAccess access = progress.Access;
        int offsetBits = 12 + (9 * (progress.GuestLevel - 1));
        progress.GuestPageSize = (ReferencePageSize)(progress.GuestLevel - 1);
        progress.Gpa = _guest.AddressField(entry, offsetBits) + (access.Address % (1UL << offsetBits));
        uint? fault = _guest.RightsFault(access, progress.GuestRights, entry);
        progress.GuestRights = progress.GuestRights.And(entry);
        if (fault is not null) return GuestFault(progress, ReferenceWalkOutcome.Rights, fault.Value);

        // The guest's leaf was already translated for a write, so that setting its bits needs no other check.
        ulong used = entry | (1UL << 5);
        if (ReferencePagingRules.IsWrite(access.Kind)) used |= 1UL << 6;
        progress.Write(spa, entry, used);

        progress.GuestLevel = 0;
        progress.IsPrivate = IsPrivate(access.Kind, progress.Gpa, entry);
        ReferenceNestedResult? stop =
            Translate(progress, progress.Gpa, NestedKind(access.Kind), ReferenceNestedFault.Final, out ReferenceWalkResult final);
        if (stop is not null) return stop;
        progress.Spa = final.PhysicalAddress;
        progress.NestedPageSize = final.PageSize;
        progress.NestedRights = new ReferenceRights(final.Writable, final.User, final.NoExecute);
        progress.EntryAddress = 0;
        if (_setup.OfInstruction) return progress.End(ReferenceNestedOutcome.Mapped);
        return CheckRmp(progress, access.Kind, progress.Gpa, final, progress.IsPrivate) ?? progress.End(ReferenceNestedOutcome.Mapped);
    }

    // The nested translation of the entry's address, the RMP check of that access, then the entry.
    private ReferenceNestedResult? ReadGuestEntry(Progress progress, ulong gpa, out ulong spa, out ulong entry)
    {
        spa = 0;
        entry = 0;
        ReferenceNestedResult? stop =
            Translate(progress, gpa, ReferenceAccessKind.Write, ReferenceNestedFault.Table, out ReferenceWalkResult place);
        if (stop is not null) return stop;
        spa = place.PhysicalAddress;
        progress.EntryAddress = spa;
        bool isPrivate = IsPrivate(ReferenceAccessKind.PageTable, gpa, leaf: 0);
        stop = CheckRmp(progress, ReferenceAccessKind.PageTable, gpa, place, isPrivate);
        if (stop is not null) return stop;

        ulong? value = progress.Changed(spa) ?? _read(spa);
        if (value is null) return progress.End(ReferenceNestedOutcome.OutsideMemory);
        entry = value.Value;
        progress.Steps.Add(new ReferenceNestedStep(true, new ReferenceTableEntry(spa, entry)));
        return null;
    }

    // To the nested tables a shadow stack is data (paging says nothing else).
    private static ReferenceAccessKind NestedKind(ReferenceAccessKind kind) =>
        ReferencePagingRules.IsWrite(kind)
            ? ReferenceAccessKind.Write
            : kind == ReferenceAccessKind.Fetch
            ? kind
            : ReferenceAccessKind.Read;

    // With virtual TOM the C-bit is not an address bit and must be 0 (rmp 6.2).
    private bool HasForbiddenEncryptionBit(ulong entry) =>
        _setup.VirtualTom is not null && _setup.Guest.EncryptionBit is int bit && ReferencePagingRules.Bit(entry, bit);

    // Fetches and page-table accesses of a SEV-family guest are private in any case (paging 7).
    private bool IsPrivate(ReferenceAccessKind kind, ulong gpa, ulong leaf)
    {
        bool sevFamily = _setup.IsSnpGuest || _setup.Guest.EncryptionBit is not null;
        if (!sevFamily) return false;
        if (kind is ReferenceAccessKind.Fetch or ReferenceAccessKind.PageTable) return true;
        if (_setup.VirtualTom is ulong top) return gpa < top;
        return _setup.Guest.EncryptionBit is int bit && ReferencePagingRules.Bit(leaf, bit);
    }

    private static ReferenceNestedResult GuestFault(Progress progress, ReferenceWalkOutcome why, uint errorCode)
    {
        progress.GuestOutcome = why;
        progress.ErrorCode = errorCode;
        return progress.End(ReferenceNestedOutcome.GuestPageFault);
    }
}
