using System;

namespace FastRmp.Reference;

/// <content>RMPUPDATE (rmp 4.3).</content>
public sealed partial class ReferenceRmp
{
    /// <summary>Executes RMPUPDATE.</summary>
    /// <param name="execution">The state of the processor that executes it.</param>
    /// <param name="spa">RAX: the system physical address of the page.</param>
    /// <param name="input">The operand.</param>
    /// <returns>The code or the fault; anything but success changed nothing.</returns>
    public ReferenceResult Update(ReferenceExecution execution, ulong spa, ReferenceUpdateInput input)
    {
        ArgumentNullException.ThrowIfNull(execution);
        ArgumentNullException.ThrowIfNull(input);
        ReferenceFault fault = FaultOf(execution);
        if (fault != ReferenceFault.None) return ReferenceResult.Faulted(fault);

        ReferenceCode code = execution.CurrentAsid != 0 ? ReferenceCode.FailPermission : UpdateOnHost(spa, input);
        return ReferenceResult.Of(code);
    }

    // rmp 4.3, first paragraph: the faults come before anything else, #UD before #GP.
    private static ReferenceFault FaultOf(ReferenceExecution execution)
    {
        if (!execution.LongMode64 || !execution.SnpEnabled) return ReferenceFault.InvalidOpcode;
        return execution.Cpl != 0 ? ReferenceFault.GeneralProtection : ReferenceFault.None;
    }

    private ReferenceCode UpdateOnHost(ulong spa, ReferenceUpdateInput input)
    {
        // Step 1: alignment.
        if (spa % PageBytes != 0 && _choices.RefuseMisalignedAddress) return ReferenceCode.FailInput;
        ulong page = spa / PageBytes * PageBytes;
        if (input.Large && page % RegionBytes != 0) return ReferenceCode.FailInput;

        // Step 2: the operand by itself.
        if (!input.Assigned && (input.Immutable || input.Asid != 0)) return ReferenceCode.FailInput;
        if (input.ReservedNonZero && _choices.RefuseReservedInput) return ReferenceCode.FailInput;
        if (input.Asid > (_choices.AllowAsidAboveMaximum ? ReferenceEntry.LastAsid : _processor.MaxAsid)) return ReferenceCode.FailInput;

        // Step 3: coverage.
        if (!Geometry.IsCovered(page)) return ReferenceCode.FailInput;

        // Step 4.
        ReferenceEntry[] region = Region(page);
        ReferenceEntry first = region[0];
        ReferenceEntry old = region[IndexInRegion(page)];

        // Steps 5 and 5a, in the order that was chosen (rmp 11 point 1).
        ReferenceCode permission = ImmutableTest(first, old, input);
        ReferenceCode contention = ContentionTest(region, page, old, input.Large);
        ReferenceCode earlier = _choices.LockBeforeImmutable ? contention : permission;
        ReferenceCode later = _choices.LockBeforeImmutable ? permission : contention;
        if (earlier != ReferenceCode.Success) return earlier;
        if (later != ReferenceCode.Success) return later;

        // Step 6: the shape of the region.
        ReferenceCode shape = input.Large ? ShapeTestLarge(region) : ShapeTestSmall(first);
        if (shape != ReferenceCode.Success) return shape;

        Commit(region, old, input);
        DropOptimisation(page, input.Assigned);
        return ReferenceCode.Success;
    }

    // Step 5a. A page in use is not passing contention, so its code is not a matter of choice (rmp 5.1, 7). A VMSA in use has its
    // Lock set by VMRUN, which lasts, too.
    private ReferenceCode ContentionTest(ReferenceEntry[] region, ulong page, ReferenceEntry old, bool large)
    {
        if (old.IsInUseVmsa) return ReferenceCode.FailInUse;
        if (old.Lock) return _choices.EntryContentionCode;
        if (region[0].Asid == ReferenceEntry.LockAsid) return _choices.RegionContentionCode;
        return IsUpdateHeldByUse(region, page, large) ? ReferenceCode.FailInUse : ReferenceCode.Success;
    }

    private ReferenceCode ImmutableTest(ReferenceEntry first, ReferenceEntry old, ReferenceUpdateInput input)
    {
        // Step 5: only the target's own bit counts, not the base's...
        if (old.Immutable) return ReferenceCode.FailPermission;

        // ...or, by the other reading, the base's too (rmp 4.3)...
        if (_choices.ImmutableBaseBlocksRegion && !input.Large && !first.Large && first.Immutable) return ReferenceCode.FailPermission;

        // ...unless the base holds the attributes of all 2 MiB (rmp 12 point 4). Otherwise step 6 has its code for such a hole.
        bool special = _choices.ImmutableLargePageCode == ReferenceCode.FailPermission;
        return special && first.Large && first.Immutable ? ReferenceCode.FailPermission : ReferenceCode.Success;
    }

    private static ReferenceCode ShapeTestSmall(ReferenceEntry first)
    {
        // Both lines of step 6 for 4 KiB say the same of the aligned page and of the others: no hole in a large page.
        return first.Large ? ReferenceCode.FailOverlap : ReferenceCode.Success;
    }

    private ReferenceCode ShapeTestLarge(ReferenceEntry[] region)
    {
        ReferenceEntry first = region[0];
        if (!first.Large && (first.Assigned || first.SubpageCount != 0)) return ReferenceCode.FailOverlap;

        for (int i = 1; i < PagesPerRegion; i++)
        {
            if (region[i].Immutable) return _choices.ImmutableSubPageCode;
        }

        // The text names the lock of the target only. A 2 MiB update writes all 512 entries, and whoever holds one of them is
        // still modifying it (rmp 5.1).
        for (int i = 1; i < PagesPerRegion; i++)
        {
            if (region[i].IsInUseVmsa) return ReferenceCode.FailInUse;
            if (region[i].Lock) return _choices.RegionContentionCode;
        }

        return ReferenceCode.Success;
    }

    // Step 7.
    private void Commit(ReferenceEntry[] region, ReferenceEntry old, ReferenceUpdateInput input)
    {
        int pages = input.Large && !_choices.CountLargePageAsOne ? PagesPerRegion : 1;
        if (old.Assigned) Count(old.Asid, -pages);
        if (input.Assigned) Count(input.Asid, pages);

        ReferenceEntry updated = NewEntry(old, input);
        ReferenceEntry first = region[0];
        if (input.Large)
        {
            // rmp 2.3: a sub-entry of a large page is Assigned and nothing else.
            for (int i = 1; i < PagesPerRegion; i++) region[i].SetRaw(input.Assigned ? 1UL : 0UL, 0);
        }
        else if (old == first)
        {
            bool lost = !input.Assigned && _choices.CountClearedOnRelease;
            updated.SubpageCount = lost ? 0 : old.SubpageCount;
        }
        else
        {
            // Nine bits, whatever a wrong count comes to.
            int count = first.SubpageCount + (input.Assigned ? 1 : 0) - (old.Assigned ? 1 : 0);
            first.SubpageCount = count & 511;
        }

        old.CopyFrom(updated);
    }

    // rmp 2.6: what comes from the operand, what is kept and what is reset. Subpage_Count is left 0 for the caller.
    private ReferenceEntry NewEntry(ReferenceEntry old, ReferenceUpdateInput input)
    {
        if (!input.Assigned) return new ReferenceEntry();

        ulong stored = input.Gpa & ReferenceEntry.GpaField & _processor.GpaMask;
        ulong compared = _choices.CompareGpaMasked ? stored : input.Gpa & ReferenceEntry.GpaField;
        bool keep = old.Assigned && old.Asid == input.Asid && old.Gpa == compared && old.Large == input.Large && input.Asid != 0;
        return new ReferenceEntry
        {
            Assigned = true,
            Large = input.Large,
            Immutable = input.Immutable,
            Gpa = stored,
            Asid = input.Asid,
            Lock = _choices.LockFollowsImmutable && input.Immutable,
            Validated = keep && old.Validated,
            Vmsa = keep && old.Vmsa,
            Vmpl0 = keep ? old.Vmpl0 : _processor.FullVmpl0Mask,
            Vmpl1 = keep ? old.Vmpl1 : (byte)0,
            Vmpl2 = keep ? old.Vmpl2 : (byte)0,
            Vmpl3 = keep ? old.Vmpl3 : (byte)0,
            HighRest = keep ? old.HighRest : 0,
        };
    }

    // rmp 1.5: pages by ASID, firmware's pages left out unless chosen otherwise.
    private void Count(uint asid, int pages)
    {
        if (asid != 0 || _choices.CountAsidZero) _counters[asid] += pages;
    }
}
