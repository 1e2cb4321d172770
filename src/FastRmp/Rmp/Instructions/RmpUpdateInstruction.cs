using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>RMPUPDATE: the checks of the operand, and what an update writes. The 4 KiB and 2 MiB transitions are in
/// <see cref="RmpUpdate4K"/> and <see cref="RmpUpdate2M"/>.</summary>
internal static class RmpUpdateInstruction
{
    /// <summary>The checks of the operand, which look at no entry.</summary>
    /// <returns>Whether the instruction goes on; else it ends with FAIL_INPUT.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Accepts(in RmpProtocol rmp, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        ulong within = wanted.PageSize == PageSize.Size2M ? PageSize.Size2M.OffsetMask() : PageSize.Size4K.OffsetMask(); // two constants
        if ((page.Value & within) != 0) return false;
        if (!wanted.Assigned && (wanted.Immutable || wanted.Asid != 0)) return false;
        if (wanted.HasReservedBits && !rmp.Choices.IgnoreReservedOperandBits) return false;
        return wanted.Asid <= rmp.MaxAsid;
    }

    /// <summary>The part of every update that comes before the entry is published: it can no longer fail, and has ended the optimization
    /// of the region.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="own">See <see cref="RmpProtocol.OwnCounts"/>.</param>
    /// <param name="old">The page's entry, which the caller holds.</param>
    /// <param name="wanted">The operand.</param>
    /// <param name="units">What the page counts for its ASID.</param>
    /// <returns>What the entry becomes.</returns>
    /// <remarks>
    /// Publication depends on the kind of page: a sub-page also changes the count of its region, a base entry keeps the count that other
    /// processors change, a 2 MiB page writes 511 more entries. Each does that itself and then calls <see cref="End"/>.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RmpEntry Begin(in RmpProtocol rmp, ulong[]? own, RmpEntry old, RmpUpdateOperand wanted, ulong units)
    {
        RmpEntry next = Updated(rmp, old, wanted);
        if (OwnerChanges(old, wanted) && wanted.Assigned) rmp.RaiseAssignedPages(own, wanted.Asid, units);
        return next;
    }

    /// <summary>The part of every update that comes after the entry was published.</summary>
    /// <inheritdoc cref="Begin"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void End(in RmpProtocol rmp, ulong[]? own, RmpEntry old, RmpUpdateOperand wanted, ulong units)
    {
        if (OwnerChanges(old, wanted) && old.Assigned) rmp.LowerAssignedPages(own, old.Asid, units);
    }

    /// <summary>Whether the owner of the page changes: then the counters by ASID change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool OwnerChanges(RmpEntry old, RmpUpdateOperand wanted) => wanted.Assigned != old.Assigned || wanted.Asid != old.Asid;

    /// <summary>The new content of an entry: the manual's fields come from the operand, the guest's and hardware's are kept or
    /// reset.</summary>
    /// <remarks>The result has Subpage_Count 0, and Lock = Immutable unless <see cref="ModelChoices.LockFollowsImmutable"/> says
    /// otherwise.</remarks>
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
