using System.Runtime.CompilerServices;

namespace FastRmp;

/// <content>RMPUPDATE: the checks of the operand, and what an update writes. The 4 KiB and 2 MiB transitions stand in files of their own.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMPUPDATE: gives a page the state in the operand.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 4 KiB aligned, or 2 MiB aligned for a 2 MiB operand.</param>
    /// <param name="operand">The 16 bytes at [RCX].</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_INUSE (contention, or a running guest uses the page), FAIL_OVERLAP, #UD or #GP(0). Anything but SUCCESS changed nothing.</returns>
    /// <remarks>Source: AMD64 APM vol. 3, RMPUPDATE. Atomic to every other instruction and check; never waits; allocates nothing. A 4 KiB update is O(1), a 2 MiB one touches the 512 entries of its region.</remarks>
    public RmpResult RmpUpdate(in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand)
    {
        if (!MayExecute(processor)) return Refusal(processor);
        if (Choices.IgnoreLowAddressBits) page = page.AlignDown(PageSize.Size4K);
        RmpUpdateOperand wanted = operand; // read once
        bool large = wanted.PageSize == PageSize.Size2M;
        if (!page.IsAligned(large ? PageSize.Size2M : PageSize.Size4K)) return RmpResult.Fail(RmpStatus.FailInput);
        if (!wanted.Assigned && (wanted.Immutable || wanted.Asid != 0)) return RmpResult.Fail(RmpStatus.FailInput);
        if (wanted.HasReservedBits && !Choices.IgnoreReservedOperandBits) return RmpResult.Fail(RmpStatus.FailInput);
        if (wanted.Asid > _maxAsid) return RmpResult.Fail(RmpStatus.FailInput);
        if (!_geometry.TryGetIndex(page, out nuint index) && IsUncovered()) return RmpResult.Fail(RmpStatus.FailInput);
        if (large) return UpdateLarge(index, page, wanted);
        return (index & LastSubpage) == 0 ? UpdateBase(index, page, wanted) : UpdateSubpage(index, page, wanted);
    }

    /// <inheritdoc cref="HostInstructions.RmpUpdate{T}(T, in ExecutionState, PhysicalAddress, in RmpUpdateOperand, RetryRule, long, out long)"/>
    /// <remarks>The loop of <see cref="HostInstructions"/>, without a call through an interface.</remarks>
    public RmpResult RmpUpdate(in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand, RetryRule rule, long maxRetries, out long retries)
    {
        RetryLoop loop = new(rule, maxRetries);
        RmpResult result;
        do
        {
            result = RmpUpdate(processor, page, operand);
        }
        while (loop.Again(result));
        retries = loop.Retries;
        return result;
    }

    /// <summary>Whether an RMPUPDATE has invalidated what processors had cached of the translations to its page; for callers that model a TLB.</summary>
    /// <param name="update">What the instruction ended with.</param>
    /// <returns>True after SUCCESS, unless <see cref="ModelChoices.RmpUpdateLeavesTlb"/> leaves that to software.</returns>
    public bool InvalidatesTlb(RmpResult update) => update.IsSuccess && !Choices.RmpUpdateLeavesTlb;

    /// <summary>Whether the page changes hands: its counters by ASID move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool OwnerChanges(RmpEntry old, RmpUpdateOperand wanted) => wanted.Assigned != old.Assigned || wanted.Asid != old.Asid;

    /// <summary>What the operand makes of an entry: the manual's fields from the operand, the guest's and hardware's kept or reset.</summary>
    /// <remarks>The result has Subpage_Count 0, and Lock = Immutable unless <see cref="ModelChoices.LockFollowsImmutable"/> says otherwise.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RmpEntry Updated(RmpEntry old, RmpUpdateOperand wanted)
    {
        if (!wanted.Assigned) return default;
        ulong stored = wanted.Gpa & _gpaMask;
        ulong compared = Choices.CompareUnmaskedGpa ? wanted.Gpa & ~PageSize.Size4K.OffsetMask() : stored;
        bool reset = wanted.Asid != old.Asid || compared != (old.Low & RmpEntry.GpaMask) || wanted.PageSize != old.PageSize
            || !old.Assigned || wanted.Asid == 0;
        const ulong GuestControlled = RmpEntry.ValidatedMask | RmpEntry.VmsaMask;
        ulong low = RmpEntry.AssignedMask
            | ((ulong)wanted.PageSize << RmpEntry.PageSizeShift)
            | (wanted.Immutable ? RmpEntry.ImmutableMask | (Choices.LockFollowsImmutable ? RmpEntry.LockMask : 0) : 0)
            | ((ulong)wanted.Asid << RmpEntry.AsidShift)
            | stored
            | (reset ? 0 : old.Low & GuestControlled);
        return new RmpEntry(low, reset ? _freshHigh : old.High);
    }
}
