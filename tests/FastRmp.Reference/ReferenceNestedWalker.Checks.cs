using System;

namespace FastRmp.Reference;

/// <content>The nested translation of one guest physical address, and the RMP check of the access to what it gave.</content>
public sealed partial class ReferenceNestedWalker
{
    // paging 8.2: every nested access is a user access. Where is bit 32 or 33 of EXITINFO1.
    private ReferenceNestedResult? Translate(Progress progress, ulong gpa, ReferenceAccessKind kind, ulong where, out ReferenceWalkResult result)
    {
        ReferenceWalker walker = new(_nested, address => progress.Changed(address) ?? _read(address));
        Func<ulong, bool>? mayWrite = _setup.Rmp is null ? null : MayWriteNestedTable;
        result = walker.WalkNested(new ReferenceAccess(gpa, kind, User: true), progress.SetsAccessedDirty, mayWrite);
        progress.NestedOutcome = result.Outcome;
        progress.NestedLevel = result.Level;
        progress.EntryAddress = result.EntryAddress;
        foreach (ReferenceTableEntry entry in result.Entries) progress.Steps.Add(new ReferenceNestedStep(false, entry));
        progress.Writes.AddRange(result.Writes);
        if (result.Outcome == ReferenceWalkOutcome.Mapped) return null;
        if (result.Outcome == ReferenceWalkOutcome.OutsideMemory) return progress.End(ReferenceNestedOutcome.OutsideMemory);

        progress.ExitInfo1 = result.ErrorCode + where;
        progress.ExitInfo2 = gpa;
        bool refused = result.Outcome == ReferenceWalkOutcome.TableWriteRefused;
        return progress.End(refused ? ReferenceNestedOutcome.RmpViolation : ReferenceNestedOutcome.NestedPageFault);
    }

    // Nested tables are the host's own: marking them is a host write of 4 KiB (paging 5, rmp 6.2).
    private bool MayWriteNestedTable(ulong entryAddress) =>
        _setup.Rmp!.HostAccess(ReferenceAccessKind.PageTable, entryAddress, ReferencePageSize.Size4K, user: false) is null;

    private ReferenceNestedResult? CheckRmp(Progress progress, ReferenceAccessKind kind, ulong gpa, ReferenceWalkResult place, bool isPrivate)
    {
        if (_setup.Rmp is null) return null;
        ReferenceGuestAccess access = new()
        {
            Kind = kind,
            Asid = _setup.Asid,
            Vmpl = _setup.Vmpl,
            Cpl = progress.Access.User && !progress.Access.Implicit ? 3 : 0,
            IsPrivate = isPrivate,
            Gpa = gpa,
            Spa = place.PhysicalAddress,
            MappingSize = place.PageSize!.Value,
        };
        ReferenceAccessResult answer = _setup.IsSnpGuest ? _setup.Rmp.SnpGuestAccess(access) : _setup.Rmp.PlainGuestAccess(access);
        if (answer.IsAllowed) return null;
        if (answer.Fault == ReferenceFault.VmmCommunication)
        {
            progress.ErrorCode = (uint)answer.ErrorCode;
            return progress.End(ReferenceNestedOutcome.NotValidated);
        }

        progress.ExitInfo1 = answer.ErrorCode;
        progress.ExitInfo2 = gpa;
        return progress.End(ReferenceNestedOutcome.RmpViolation);
    }
}
