using System;

namespace FastRmp.Reference;

/// <content>The guest's instructions PVALIDATE, RMPADJUST and RMPQUERY (rmp 4.5 to 4.7, 12).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>Executes PVALIDATE.</summary>
    /// <param name="execution">The state of the processor.</param>
    /// <param name="page">The translated address.</param>
    /// <param name="large">ECX: whether 2 MiB are meant.</param>
    /// <param name="validate">EDX: validate or rescind.</param>
    /// <returns>Fault or code, and CF.</returns>
    public ReferenceValidateResult PValidate(ReferenceExecution execution, ReferenceTranslation page, bool large, bool validate)
    {
        ArgumentNullException.ThrowIfNull(execution);
        if (!MayBeGuest(execution)) return Plain(ReferenceResult.Faulted(ReferenceFault.InvalidOpcode));
        if (execution.Cpl != 0) return Plain(ReferenceResult.Faulted(ReferenceFault.GeneralProtection));
        if (execution.Vmpl > 0)
        {
            return Plain(_choices.ValidateAboveVmpl0IsPermission
                ? ReferenceResult.Of(ReferenceCode.FailPermission)
                : ReferenceResult.Faulted(ReferenceFault.GeneralProtection));
        }

        if (large && !page.StartsRegion) return Plain(ReferenceResult.Of(ReferenceCode.FailInput));

        ReferenceEntry? entry = OwnedBy(execution.CurrentAsid, page);
        if (entry is null) return Plain(NestedFault(sizeMismatch: false));
        ReferenceResult size = SizeTest(entry, page, large);
        if (size.Fault != ReferenceFault.None) return Plain(size);
        if (large && !entry.Large) return Plain(ReferenceResult.Of(ReferenceCode.FailSizeMismatch));

        bool unchanged = entry.Validated == validate;
        entry.Validated = validate;
        if (!validate && _choices.RescindClearsMasks)
        {
            for (int vmpl = 1; vmpl <= 3; vmpl++) entry.SetMask(vmpl, 0);
        }

        return new ReferenceValidateResult(ReferenceResult.Of(ReferenceCode.Success), unchanged);
    }

    /// <summary>Executes RMPADJUST.</summary>
    /// <param name="execution">The state of the processor.</param>
    /// <param name="page">The translated address.</param>
    /// <param name="input">Size, target, mask and VMSA.</param>
    /// <returns>Fault or code.</returns>
    public ReferenceResult Adjust(ReferenceExecution execution, ReferenceTranslation page, ReferenceAdjustInput input)
    {
        ArgumentNullException.ThrowIfNull(execution);
        ArgumentNullException.ThrowIfNull(input);
        if (!MayBeGuest(execution) || !execution.LongMode64) return ReferenceResult.Faulted(ReferenceFault.InvalidOpcode);
        if (execution.Cpl != 0) return ReferenceResult.Faulted(ReferenceFault.GeneralProtection);

        if (input.Large && !page.StartsRegion) return ReferenceResult.Of(ReferenceCode.FailInput);
        if (input.ReservedNonZero && _choices.RefuseReservedAdjustInput) return ReferenceResult.Of(ReferenceCode.FailInput);
        if (input.TargetVmpl > 3 || HasReservedPermissions(input.Mask)) return ReferenceResult.Of(_choices.AdjustReservedCode);
        if (input.TargetVmpl <= execution.Vmpl) return ReferenceResult.Of(ReferenceCode.FailPermission);

        ReferenceEntry? entry = OwnedBy(execution.CurrentAsid, page);
        if (entry is null) return NestedFault(sizeMismatch: false);
        if (_choices.ValidatedBeforeSize && !entry.Validated) return NotValidated();
        ReferenceResult size = SizeTest(entry, page, input.Large);
        if (size.Fault != ReferenceFault.None) return size;
        if (!entry.Validated) return NotValidated();
        if (input.Large && !entry.Large) return ReferenceResult.Of(ReferenceCode.FailSizeMismatch);

        byte allowed = entry.Mask(execution.Vmpl);
        for (int permission = 0; permission < 8; permission++)
        {
            if (Has(input.Mask, permission) && !Has(allowed, permission)) return ReferenceResult.Of(ReferenceCode.FailPermission);
        }

        entry.SetMask(input.TargetVmpl, input.Mask);
        if (execution.Vmpl == 0) entry.Vmsa = input.Vmsa;
        return ReferenceResult.Of(ReferenceCode.Success);
    }

    /// <summary>Executes RMPQUERY.</summary>
    /// <param name="execution">The state of the processor.</param>
    /// <param name="page">The translated address; its nested size does not matter.</param>
    /// <param name="targetVmpl">RDX bits 7:0.</param>
    /// <returns>Fault or code, and what was asked for.</returns>
    public ReferenceQueryResult Query(ReferenceExecution execution, ReferenceTranslation page, byte targetVmpl)
    {
        ArgumentNullException.ThrowIfNull(execution);
        if (!MayBeGuest(execution) || !execution.LongMode64 || !_processor.HasRmpQuery)
        {
            return Empty(ReferenceResult.Faulted(ReferenceFault.InvalidOpcode));
        }

        if (execution.Cpl != 0) return Empty(ReferenceResult.Faulted(ReferenceFault.GeneralProtection));

        // FAIL_INPUT is not among its codes (rmp 4.2), so a VMPL that does not exist is refused like one that is out of reach.
        bool ownIsRefused = _choices.QueryRefusesOwnVmpl && targetVmpl == execution.Vmpl;
        if (targetVmpl > 3 || targetVmpl < execution.Vmpl || ownIsRefused) return Empty(ReferenceResult.Of(ReferenceCode.FailPermission));

        ReferenceEntry? entry = OwnedBy(execution.CurrentAsid, page);
        if (entry is null) return Empty(NestedFault(sizeMismatch: false));
        if (!entry.Validated) return Empty(NotValidated());
        return new ReferenceQueryResult(ReferenceResult.Of(ReferenceCode.Success), entry.Large, entry.Mask(targetVmpl), entry.Vmsa);
    }

    private static ReferenceValidateResult Plain(ReferenceResult result) => new(result, CarryFlag: false);

    private static ReferenceQueryResult Empty(ReferenceResult result) => new(result, Large: false, Mask: 0, Vmsa: false);

    private static ReferenceResult NotValidated() =>
        ReferenceResult.Faulted(ReferenceFault.VmmCommunication, ReferenceNestedFault.NotValidated);

    private static ReferenceResult NestedFault(bool sizeMismatch) => ReferenceResult.Faulted(
        ReferenceFault.NestedPageFault, ReferenceNestedFault.OfInstruction + (sizeMismatch ? ReferenceNestedFault.SizeMismatch : 0));

    private static bool MayBeGuest(ReferenceExecution execution) =>
        execution.SnpEnabled && execution.CurrentAsid != 0 && execution.IsSnpGuest;

    // Permission bits: 0 read, 1 write, 2 user execute, 3 supervisor execute, 4 shadow stack; the others are reserved (rmp 2.1).
    private static bool Has(byte mask, int permission) => ((mask >> permission) & 1) != 0;

    private static bool HasReservedPermissions(byte mask) => mask >= 32;

    // RMP-Covered, Guest-Owned, Mutable and Reverse-Map (rmp 6.1): the live entry that the guest means, or null. The base entry
    // stands for every page of a large region.
    private ReferenceEntry? OwnedBy(uint asid, ReferenceTranslation page)
    {
        if (!Geometry.IsCovered(page.Spa)) return null;
        ReferenceEntry entry = Peek(RegionOf(page.Spa));
        if (!entry.Large) entry = Peek(page.Spa);
        return IsMutablePageOf(entry, asid, page.Gpa) && !IsBeingChanged(entry) ? entry : null;
    }

    private bool IsMutablePageOf(ReferenceEntry entry, uint asid, ulong gpa)
    {
        if (!entry.Assigned || asid > ReferenceEntry.LastAsid || OwnerOf(entry) != asid) return false;
        ulong bytes = entry.Large ? RegionBytes : PageBytes;
        return entry.Gpa == gpa / bytes * bytes && !entry.Immutable;
    }

    // A lock without Immutable is somebody who is changing the entry: the fault is spurious (rmp 6.3). Or it is the mark of a VMSA
    // in use, which is not a change (rmp 7).
    private static bool IsBeingChanged(ReferenceEntry entry) => entry.Lock && !entry.Immutable && !entry.IsInUseVmsa;

    // rmp 12 point 1: first the size asked for against the RMP's, then the nested mapping against the RMP's. A larger request
    // than the entry is left to the caller, because it is a code and not a fault.
    private ReferenceResult SizeTest(ReferenceEntry entry, ReferenceTranslation page, bool large)
    {
        bool nestedLarge = page.NestedSize != ReferencePageSize.Size4K;
        if (_choices.NestedSizeFirst && nestedLarge != entry.Large) return NestedFault(sizeMismatch: false);
        if (!large && entry.Large) return NestedFault(sizeMismatch: true);
        bool request = large == entry.Large;
        return request && nestedLarge != entry.Large ? NestedFault(sizeMismatch: false) : ReferenceResult.Of(ReferenceCode.Success);
    }
}
