using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Model;

namespace FastRmp.Rmp;

/// <content>RMPUPDATE: the checks of the operand, and what an update writes. The 4 KiB and 2 MiB transitions stand in files of their own.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMPUPDATE: gives a page the state in the operand.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 4 KiB aligned, or 2 MiB aligned for a 2 MiB operand.</param>
    /// <param name="operand">The 16 bytes at [RCX].</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_INUSE, FAIL_OVERLAP, #UD or #GP(0). Anything but SUCCESS changed nothing.</returns>
    /// <remarks>Source: AMD64 APM vol. 3, RMPUPDATE. Atomic to every other instruction and check; never waits; allocates nothing. A 4 KiB update is O(1), a 2 MiB one touches the 512 entries of its region.</remarks>
    public RmpResult RmpUpdate(in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand)
    {
        if (!MayExecute(processor, out RmpResult refusal)) return refusal;
        if (Choices.IgnoreLowAddressBits) page = page.AlignDown(PageSize.Size4K);
        bool large = operand.PageSize == PageSize.Size2M;
        if (!page.IsAligned(large ? PageSize.Size2M : PageSize.Size4K)) return RmpResult.Fail(RmpStatus.FailInput);
        if (!operand.Assigned && (operand.Immutable || operand.Asid != 0)) return RmpResult.Fail(RmpStatus.FailInput);
        if (operand.HasReservedBits && !Choices.IgnoreReservedOperandBits) return RmpResult.Fail(RmpStatus.FailInput);
        if (operand.Asid > Processor.MaxAsid) return RmpResult.Fail(RmpStatus.FailInput);
        if (!_geometry.TryGetIndex(page, out nuint index) && IsUncovered()) return RmpResult.Fail(RmpStatus.FailInput);
        if (large) return UpdateLarge(index, operand);
        return (index & LastSubpage) == 0 ? UpdateBase(index, operand) : UpdateSubpage(index, operand);
    }

    /// <summary>The answer for an entry that is immutable or locked; none of both gives false.</summary>
    private bool IsHeld(ulong low, out RmpResult result)
    {
        ulong held = low & (RmpEntry.LockMask | RmpEntry.ImmutableMask);
        if (held == 0)
        {
            result = default;
            return false;
        }

        bool contended = held == RmpEntry.LockMask || (Choices.LockBeforeImmutable && held != RmpEntry.ImmutableMask);
        result = contended ? Contended() : RmpResult.Fail(RmpStatus.FailPermission);
        return true;
    }

    private RmpResult Contended() => RmpResult.Contended(
        Choices.Contention == ContentionCode.FailOverlap ? RmpStatus.FailOverlap : RmpStatus.FailInUse);

    /// <summary>What the operand makes of an entry: the manual's fields from the operand, the guest's and hardware's kept or reset.</summary>
    /// <remarks>The result has Subpage_Count 0 and, but for <see cref="ModelChoices.LockFollowsImmutable"/>, Lock 0.</remarks>
    private RmpEntry Updated(RmpEntry old, in RmpUpdateOperand operand)
    {
        if (!operand.Assigned) return default;
        ulong mask = Processor.GpaMask & RmpEntry.GpaMask;
        ulong stored = operand.Gpa & mask;
        ulong compared = Choices.CompareUnmaskedGpa ? operand.Gpa & ~PageSize.Size4K.OffsetMask() : stored;
        bool reset = operand.Asid != old.Asid || compared != (old.Low & RmpEntry.GpaMask) || operand.PageSize != old.PageSize
            || !old.Assigned || operand.Asid == 0;
        const ulong GuestControlled = RmpEntry.ValidatedMask | RmpEntry.VmsaMask;
        ulong low = RmpEntry.AssignedMask
            | ((ulong)operand.PageSize << RmpEntry.PageSizeShift)
            | (operand.Immutable ? RmpEntry.ImmutableMask | (Choices.LockFollowsImmutable ? RmpEntry.LockMask : 0) : 0)
            | ((ulong)operand.Asid << RmpEntry.AsidShift)
            | stored
            | (reset ? 0 : old.Low & GuestControlled);
        ulong high = reset ? (ulong)Processor.FullVmpl0Permissions << RmpEntry.Vmpl0PermissionsShift : old.High;
        return new RmpEntry(low, high);
    }
}
