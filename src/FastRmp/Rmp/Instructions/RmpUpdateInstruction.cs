using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>RMPUPDATE: the checks of the operand, and what an update writes. The 4 KiB and 2 MiB transitions stand in <see cref="RmpUpdate4K"/> and <see cref="RmpUpdate2M"/>.</summary>
internal static class RmpUpdateInstruction
{
    /// <summary>The checks of the operand, which look at no entry.</summary>
    /// <returns>Whether the instruction goes on; else it ends with FAIL_INPUT.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Accepts(in RmpProtocol rmp, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        if (!page.IsAligned(wanted.PageSize == PageSize.Size2M ? PageSize.Size2M : PageSize.Size4K)) return false;
        if (!wanted.Assigned && (wanted.Immutable || wanted.Asid != 0)) return false;
        if (wanted.HasReservedBits && !rmp.Choices.IgnoreReservedOperandBits) return false;
        return wanted.Asid <= rmp.MaxAsid;
    }

    /// <summary>Whether the page changes hands: its counters by ASID move.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool OwnerChanges(RmpEntry old, RmpUpdateOperand wanted) => wanted.Assigned != old.Assigned || wanted.Asid != old.Asid;

    /// <summary>What the operand makes of an entry: the manual's fields from the operand, the guest's and hardware's kept or reset.</summary>
    /// <remarks>The result has Subpage_Count 0, and Lock = Immutable unless <see cref="ModelChoices.LockFollowsImmutable"/> says otherwise.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RmpEntry Updated(in RmpProtocol rmp, RmpEntry old, RmpUpdateOperand wanted)
    {
        if (!wanted.Assigned) return default;
        ulong stored = wanted.Gpa & rmp.GpaMask;
        ulong compared = rmp.Choices.CompareUnmaskedGpa ? wanted.Gpa & ~PageSize.Size4K.OffsetMask() : stored;
        bool reset = wanted.Asid != old.Asid || compared != (old.Low & RmpEntry.GpaMask) || wanted.PageSize != old.PageSize
            || !old.Assigned || wanted.Asid == 0;
        const ulong GuestControlled = RmpEntry.ValidatedMask | RmpEntry.VmsaMask;
        ulong low = RmpEntry.AssignedMask
            | ((ulong)wanted.PageSize << RmpEntry.PageSizeShift)
            | (wanted.Immutable ? RmpEntry.ImmutableMask | (rmp.Choices.LockFollowsImmutable ? RmpEntry.LockMask : 0) : 0)
            | ((ulong)wanted.Asid << RmpEntry.AsidShift)
            | stored
            | (reset ? 0 : old.Low & GuestControlled);
        return new RmpEntry(low, reset ? rmp.FreshHigh : old.High);
    }
}
