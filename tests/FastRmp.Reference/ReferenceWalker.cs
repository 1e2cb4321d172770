using System;

namespace FastRmp.Reference;

/// <summary>The host's page walk in long mode, written after the pseudo-code of paging 6.3.</summary>
/// <remarks>One object walks any number of times; it keeps nothing of a walk. Not thread-safe if the reader is not.</remarks>
public sealed partial class ReferenceWalker
{
    private readonly ReferencePaging _paging;
    private readonly ReferencePagingRules _rules;
    private readonly Func<ulong, ulong?> _read;

    /// <summary>A walker over some memory.</summary>
    /// <param name="paging">The processor's paging state.</param>
    /// <param name="read">Reads the quadword at a physical address; null outside memory.</param>
    public ReferenceWalker(ReferencePaging paging, Func<ulong, ulong?> read)
    {
        ArgumentNullException.ThrowIfNull(paging);
        ArgumentNullException.ThrowIfNull(read);
        if (paging.Levels is not (4 or 5)) throw new ArgumentOutOfRangeException(nameof(paging), paging.Levels, "Levels is 4 or 5.");
        _paging = paging;
        _rules = new ReferencePagingRules(paging);
        _read = read;
    }

    /// <summary>Whether an address may be walked at all: all bits from 47 (4 levels) or 56 (5 levels) up are equal (paging 2).</summary>
    /// <param name="address">The linear address.</param>
    /// <param name="levels">4 or 5.</param>
    /// <returns>Whether it is canonical.</returns>
    public static bool IsCanonical(ulong address, int levels)
    {
        int lowestEqualBit = levels == 5 ? 56 : 47;
        for (int bit = lowestEqualBit; bit < 63; bit++)
        {
            if (ReferencePagingRules.Bit(address, bit) != ReferencePagingRules.Bit(address, 63)) return false;
        }

        return true;
    }

    /// <summary>Walks for one access.</summary>
    /// <param name="access">The access: a read, a write or a fetch, or one to a shadow stack.</param>
    /// <param name="setAccessedDirty">Whether Accessed and Dirty are to be set; the writes are returned, memory is not changed.</param>
    /// <param name="mayWriteTable">
    /// The RMP check of such a write, by the address of the entry; null allows every one. It is not asked when nothing has to
    /// change (paging 5).
    /// </param>
    /// <returns>The result; it always has one, also where tables point at themselves.</returns>
    public ReferenceWalkResult Walk(ReferenceAccess access, bool setAccessedDirty = false, Func<ulong, bool>? mayWriteTable = null)
    {
        ReferenceAccess judged = _rules.AsEnabled(access);
        if (setAccessedDirty && _paging.FaultingWalksMarkNothing)
        {
            ReferenceWalkResult dry = Walk(judged);
            if (dry.Outcome != ReferenceWalkOutcome.Mapped) return dry;
        }

        Progress progress = new(setAccessedDirty, mayWriteTable) { Fault = (above, leaf) => _rules.RightsFault(judged, above, leaf) };
        if (!IsCanonical(judged.Address, _paging.Levels)) return progress.End(ReferenceWalkOutcome.NonCanonical, 0);
        return WalkTables(judged, progress);
    }

    /// <summary>Walks nested tables for a guest physical address, which knows no sign and so no canonical form (paging 8.2).</summary>
    /// <param name="access">The access, whose address is guest physical; one that the levels do not reach is not present.</param>
    /// <param name="setup">GMET and the choices.</param>
    /// <param name="guestIsUser">Whether the guest's own access is made in user mode.</param>
    /// <param name="setAccessedDirty">As in the other walk.</param>
    /// <param name="mayWriteTable">As in the other walk.</param>
    /// <returns>The result.</returns>
    internal ReferenceWalkResult WalkNested(
        ReferenceAccess access, ReferenceNestedSetup setup, bool guestIsUser, bool setAccessedDirty, Func<ulong, bool>? mayWriteTable)
    {
        Progress progress = new(setAccessedDirty, mayWriteTable)
        {
            Level = _paging.Levels,
            Fault = (above, leaf) => _rules.NestedFault(access, setup, guestIsUser, above.And(leaf), leaf),
        };
        int reach = 12 + (9 * _paging.Levels);
        bool beyond = access.Address >> reach != 0;
        return beyond
            ? progress.End(ReferenceWalkOutcome.NotPresent, _rules.ErrorCode(access, present: false))
            : WalkTables(access, progress);
    }

    private ReferenceWalkResult WalkTables(ReferenceAccess access, Progress progress)
    {
        ulong table = _rules.AddressField(_paging.Cr3, 12);
        for (int level = _paging.Levels; ; level--)
        {
            progress.Level = level;
            progress.EntryAddress = table + (8 * ReferencePagingRules.IndexAt(access.Address, level));
            if (!TryRead(progress, out ulong entry)) return progress.End(ReferenceWalkOutcome.OutsideMemory, 0);
            bool present = ReferencePagingRules.Bit(entry, 0);
            if (!present) return progress.End(ReferenceWalkOutcome.NotPresent, _rules.ErrorCode(access, present: false));
            bool malformed = _rules.IsMalformed(entry, level);
            if (malformed) return progress.End(ReferenceWalkOutcome.Malformed, _rules.ErrorCode(access, present: true) + 8);

            if (ReferencePagingRules.IsLeaf(entry, level)) return EndAtLeaf(access, entry, progress);
            progress.Rights = progress.Rights.And(entry);

            // paging 5: A of a table-pointing entry is set as soon as that entry passed its own checks.
            ulong used = entry | (1UL << 5);
            if (!progress.TryWrite(entry, used)) return progress.End(ReferenceWalkOutcome.TableWriteRefused, RmpErrorCode(access));
            table = _rules.AddressField(entry, 12);
        }
    }

    private ReferenceWalkResult EndAtLeaf(ReferenceAccess access, ulong entry, Progress progress)
    {
        int offsetBits = 12 + (9 * (progress.Level - 1));
        progress.PageSize = (ReferencePageSize)(progress.Level - 1);
        progress.PhysicalAddress = _rules.AddressField(entry, offsetBits) + (access.Address % (1UL << offsetBits));
        uint? fault = progress.Fault(progress.Rights, entry);
        progress.Rights = progress.Rights.And(entry);
        if (fault is not null) return progress.End(ReferenceWalkOutcome.Rights, fault.Value);

        // paging 5: A and D of the leaf change together, and only after all rights passed.
        ulong used = entry | (1UL << 5);
        if (ReferencePagingRules.IsWrite(access.Kind)) used |= 1UL << 6;
        return progress.TryWrite(entry, used)
            ? progress.End(ReferenceWalkOutcome.Mapped, 0)
            : progress.End(ReferenceWalkOutcome.TableWriteRefused, RmpErrorCode(access));
    }

    private uint RmpErrorCode(ReferenceAccess access) => 0x8000_0000 + _rules.ErrorCode(access, present: true);

    // Entries that this walk has changed read as changed, which a table that points at itself makes visible.
    private bool TryRead(Progress progress, out ulong entry)
    {
        ulong? value = progress.Changed(progress.EntryAddress) ?? _read(progress.EntryAddress);
        entry = value ?? 0;
        if (value is null) return false;
        progress.Entries.Add(new ReferenceTableEntry(progress.EntryAddress, entry));
        return true;
    }
}
