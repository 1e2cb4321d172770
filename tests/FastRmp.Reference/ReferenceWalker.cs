using System;
using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>The host's page walk in long mode, written after the pseudo-code of paging 6.3, without protection keys.</summary>
/// <remarks>One object walks any number of times; it keeps nothing of a walk. Not thread-safe if the reader is not.</remarks>
public sealed partial class ReferenceWalker
{
    private readonly ReferencePaging _paging;
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
            if (Bit(address, bit) != Bit(address, 63)) return false;
        }

        return true;
    }

    /// <summary>Walks for one access.</summary>
    /// <param name="access">The access.</param>
    /// <param name="setAccessedDirty">Whether Accessed and Dirty are to be set; the writes are returned, memory is not changed.</param>
    /// <param name="mayWriteTable">
    /// The RMP check of such a write, by the address of the entry; null allows every one. It is not asked when nothing has to
    /// change (paging 5).
    /// </param>
    /// <returns>The result; it always has one, also where tables point at themselves.</returns>
    public ReferenceWalkResult Walk(ReferenceAccess access, bool setAccessedDirty = false, Func<ulong, bool>? mayWriteTable = null)
    {
        Progress progress = new(setAccessedDirty, mayWriteTable);
        if (!IsCanonical(access.Address, _paging.Levels)) return progress.End(ReferenceWalkOutcome.NonCanonical, 0);

        ulong table = AddressField(_paging.Cr3, 12);
        for (int level = _paging.Levels; ; level--)
        {
            progress.Level = level;
            progress.EntryAddress = table + (8 * IndexAt(access.Address, level));
            if (!TryRead(progress, out ulong entry)) return progress.End(ReferenceWalkOutcome.OutsideMemory, 0);
            if (!Bit(entry, 0)) return progress.End(ReferenceWalkOutcome.NotPresent, ErrorCode(access, present: false));
            if (IsMalformed(entry, level)) return progress.End(ReferenceWalkOutcome.Malformed, ErrorCode(access, present: true) + 8);

            // paging 4: rights are and-ed, NX is or-ed.
            progress.Writable &= Bit(entry, 1);
            progress.User &= Bit(entry, 2);
            progress.NoExecute |= Bit(entry, 63) && _paging.NoExecuteEnabled;
            if (IsLeaf(entry, level)) return EndAtLeaf(access, entry, progress);

            // paging 5: A of a table-pointing entry is set as soon as that entry passed its own checks.
            ulong used = entry | (1UL << 5);
            if (!progress.TryWrite(entry, used)) return progress.End(ReferenceWalkOutcome.TableWriteRefused, RmpErrorCode(access));
            table = AddressField(entry, 12);
        }
    }

    private ReferenceWalkResult EndAtLeaf(ReferenceAccess access, ulong entry, Progress progress)
    {
        int offsetBits = 12 + (9 * (progress.Level - 1));
        progress.PageSize = (ReferencePageSize)(progress.Level - 1);
        progress.PhysicalAddress = AddressField(entry, offsetBits) + (access.Address % (1UL << offsetBits));
        if (!RightsAllow(access, progress)) return progress.End(ReferenceWalkOutcome.Rights, ErrorCode(access, present: true));

        // paging 5: A and D of the leaf change together, and only after all rights passed.
        ulong used = entry | (1UL << 5);
        if (access.Kind == ReferenceAccessKind.Write) used |= 1UL << 6;
        return progress.TryWrite(entry, used)
            ? progress.End(ReferenceWalkOutcome.Mapped, 0)
            : progress.End(ReferenceWalkOutcome.TableWriteRefused, RmpErrorCode(access));
    }

    // paging 4, the table of rules; each line is one row.
    private bool RightsAllow(ReferenceAccess access, Progress mapping)
    {
        bool user = access.User && !access.Implicit;
        bool write = access.Kind == ReferenceAccessKind.Write;
        bool fetch = access.Kind == ReferenceAccessKind.Fetch;
        if (user && !mapping.User) return false;
        if (user && write && !mapping.Writable) return false;
        if (!user && write && !mapping.Writable && _paging.WriteProtect) return false;
        if (!user && !fetch && mapping.User && _paging.Smap && (access.Implicit || !_paging.AccessUserAllowed)) return false;
        if (fetch && mapping.NoExecute) return false;
        if (!user && fetch && mapping.User && _paging.Smep) return false;
        return true;
    }

    // paging 6.1.
    private uint ErrorCode(ReferenceAccess access, bool present)
    {
        bool fetchIsTold = _paging.NoExecuteEnabled || _paging.Smep;
        uint code = present ? 1u : 0u;
        if (access.Kind == ReferenceAccessKind.Write) code += 2;
        if (access.User && !access.Implicit) code += 4;
        if (access.Kind == ReferenceAccessKind.Fetch && fetchIsTold) code += 16;
        return code;
    }

    private uint RmpErrorCode(ReferenceAccess access) => 0x8000_0000 + ErrorCode(access, present: true);

    // Entries that this walk has changed read as changed, which a table that points at itself makes visible.
    private bool TryRead(Progress progress, out ulong entry)
    {
        ulong? value = progress.Changed(progress.EntryAddress) ?? _read(progress.EntryAddress);
        entry = value ?? 0;
        if (value is null) return false;
        progress.Entries.Add(new ReferenceTableEntry(progress.EntryAddress, entry));
        return true;
    }

    private sealed class Progress(bool setAccessedDirty, Func<ulong, bool>? mayWriteTable)
    {
        public List<ReferenceTableEntry> Entries { get; } = [];

        public List<ReferenceTableEntry> Writes { get; } = [];

        public int Level { get; set; }

        public ulong EntryAddress { get; set; }

        public bool Writable { get; set; } = true;

        public bool User { get; set; } = true;

        public bool NoExecute { get; set; }

        public ReferencePageSize? PageSize { get; set; }

        public ulong PhysicalAddress { get; set; }

        public ulong? Changed(ulong address)
        {
            ulong? found = null;
            foreach (ReferenceTableEntry write in Writes)
            {
                if (write.Address == address) found = write.Value;
            }

            return found;
        }

        public bool TryWrite(ulong before, ulong after)
        {
            if (!setAccessedDirty || before == after) return true;
            if (mayWriteTable is not null && !mayWriteTable(EntryAddress)) return false;
            Writes.Add(new ReferenceTableEntry(EntryAddress, after));
            return true;
        }

        public ReferenceWalkResult End(ReferenceWalkOutcome outcome, uint errorCode) => new()
        {
            Outcome = outcome,
            Level = Level,
            PageSize = PageSize,
            PhysicalAddress = PhysicalAddress,
            Writable = Writable,
            User = User,
            NoExecute = NoExecute,
            ErrorCode = errorCode,
            EntryAddress = EntryAddress,
            Entries = Entries,
            Writes = Writes,
        };
    }
}
