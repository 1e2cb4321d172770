using System;

namespace FastRmp.Reference;

/// <content>The nested translation of one guest physical address, and the RMP check of the access to what it gave.</content>
public sealed partial class ReferenceNestedWalker
{
    // paging 8.2: every nested access is a user access; with GMET the guest's mode is told (8.5). Where is bit 32 or 33 of EXITINFO1.
    private ReferenceNestedResult? Translate(
        Progress progress, ulong gpa, ReferenceAccessKind kind, ulong where, out ReferenceWalkResult result)
    {
        ReferenceWalker walker = new(_nested, address => progress.Changed(address) ?? _read(address));
        Func<ulong, bool>? mayWrite = _setup.Rmp is null ? null : MayWriteNestedTable;
        ReferenceAccess access = new(gpa, kind, User: TellsUser(progress));
        result = walker.WalkNested(access, _setup, IsUser(progress.Access), progress.SetsAccessedDirty, mayWrite);
        progress.NestedOutcome = result.Outcome;
        progress.NestedLevel = result.Level;
        progress.EntryAddress = result.EntryAddress;
        foreach (ReferenceTableEntry entry in result.Entries) progress.Steps.Add(new ReferenceNestedStep(false, entry));
        progress.Writes.AddRange(result.Writes);
        if (result.Outcome == ReferenceWalkOutcome.Mapped) return null;
        if (result.Outcome == ReferenceWalkOutcome.OutsideMemory) return progress.End(ReferenceNestedOutcome.OutsideMemory);

        // rmp 6.4 and paging 8.4: ENC on every nested fault of an SNP guest. Taught by AMD's manual and the trace of a real host;
        // before that it stood on RMP faults only.
        bool refused = result.Outcome == ReferenceWalkOutcome.TableWriteRefused;
        bool final = where == ReferenceNestedFault.Final;
        bool isPrivate = final ? progress.IsPrivate : IsPrivate(ReferenceAccessKind.PageTable, gpa, leaf: 0);
        bool told = (_setup.IsSnpGuest || _setup.EncryptionOfSevGuestsIsTold) && (!refused || _setup.EncryptionOfOwnWritesIsTold);
        progress.ExitInfo1 = result.ErrorCode + where;
        if (isPrivate && told) progress.ExitInfo1 += ReferenceNestedFault.Encrypted;
        if (final && IsSupervisorShadowStack(progress.Access)) progress.ExitInfo1 += ReferenceNestedFault.ShadowStack;
        progress.ExitInfo2 = ExitInfo2(gpa, final);
        return progress.End(refused ? ReferenceNestedOutcome.RmpViolation : ReferenceNestedOutcome.NestedPageFault);
    }

    // Nested tables are the host's own: marking them is a host write of 4 KiB (paging 5, rmp 6.2).
    private bool MayWriteNestedTable(ulong entryAddress) =>
        _setup.Rmp!.HostAccess(ReferenceAccessKind.PageTable, entryAddress, ReferencePageSize.Size4K, user: false) is null;

    private ReferenceNestedResult? CheckRmp(
        Progress progress, ReferenceAccessKind kind, ulong gpa, ReferenceWalkResult place, bool isPrivate)
    {
        if (_setup.Rmp is null) return null;
        ReferenceGuestAccess access = new()
        {
            Kind = IsSupervisorShadowStack(progress.Access) || kind == ReferenceAccessKind.PageTable ? kind : NestedKind(kind),
            Asid = _setup.Asid,
            Vmpl = _setup.Vmpl,
            Cpl = IsUser(progress.Access) ? 3 : 0,
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
        if (!TellsUser(progress)) progress.ExitInfo1 -= ReferenceNestedFault.User;
        progress.ExitInfo2 = ExitInfo2(gpa, final: kind != ReferenceAccessKind.PageTable);
        return progress.End(ReferenceNestedOutcome.RmpViolation);
    }

    private ulong ExitInfo2(ulong gpa, bool final) => _setup.TableFaultsArePageAligned && !final ? gpa - (gpa % 4096) : gpa;

    private bool TellsUser(Progress progress) => !_setup.Gmet || _setup.GmetAlwaysReportsUser || IsUser(progress.Access);

    private static bool IsUser(ReferenceAccess access) => access.User && !access.Implicit;

    private static bool IsSupervisorShadowStack(ReferenceAccess access) =>
        ReferencePagingRules.IsShadowStack(access.Kind) && !IsUser(access);
}
