using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>What a guest does to its save area while that is in use: the entry does not show the owner. Rare, and therefore not on the
/// common path.</summary>
internal static class SaveAreaInUse
{
    /// <summary>PVALIDATE of a save area in use, whose entry hides its owner: under the lock of a marked entry.</summary>
    /// <returns>False if another processor changed the entry first.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryValidate(
        in RmpProtocol rmp, nuint target, LowQuadword low, uint asid, in NestedPage page, PageSize size, bool validate,
        out GuestResult result)
    {
        result = GuestResult.NestedFault(GuestRules.InstructionFault);
        if (!rmp.TryHoldMarked(target, low)) return false;
        PhysicalAddress holder = GuestRules.HolderOf(low, page.Spa);
        ulong next = low;
        if (rmp.Owned(low, holder).IsGuestPage(asid, page.Gpa))
        {
            if (!GuestRules.SizesFit(rmp, low, size, page.NestedSize, out ulong fault))
            {
                result = GuestResult.NestedFault(fault);
            }
            else if (size != PageSize.Size4K && !low.IsLarge)
            {
                result = GuestResult.Fail(RmpStatus.FailSizeMismatch);
            }
            else
            {
                next = PValidateInstruction.After(low, validate);
                if (!validate && rmp.Choices.RescindClearsMasks) PValidateInstruction.ClearMasks(rmp, target);
                result = GuestResult.Completed(next == low);
            }
        }

        rmp.ReleaseMarked(target, holder, next);
        return true;
    }

    /// <summary>RMPADJUST of a save area in use, whose entry hides its owner: under the lock of a marked entry.</summary>
    /// <returns>False if another processor changed the entry first.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static bool TryAdjust(
        in RmpProtocol rmp, nuint target, LowQuadword low, in ExecutionState processor, in NestedPage page, PageSize size,
        RmpAdjustOperand operand, out GuestResult result)
    {
        result = GuestResult.NestedFault(GuestRules.InstructionFault);
        if (!rmp.TryHoldMarked(target, low)) return false;
        PhysicalAddress holder = GuestRules.HolderOf(low, page.Spa);
        bool isGuests = rmp.Owned(low, holder).IsGuestPage(processor.Asid, page.Gpa);
        if (isGuests && RmpAdjustInstruction.Fits(rmp, low, size, page.NestedSize, out result))
        {
            result = RmpAdjustInstruction.Commit(rmp, target, low, processor.Vmpl, operand);
            rmp.SettleMark(target, holder);
        }
        else
        {
            rmp.ReleaseMarked(target, holder, low);
            if (!isGuests) result = GuestResult.NestedFault(GuestRules.InstructionFault);
        }

        return true;
    }

    /// <summary>The checks of <see cref="PrivateAccess"/>, of a save area in use.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static PrivateCheck Check(in RmpProtocol rmp, nuint target, uint asid, byte vmpl, VmplPermissions needed, in NestedPage page)
    {
        ref ulong version = ref rmp.Version(target);
        bool isLargeMapping = page.NestedSize != PageSize.Size4K;
        PhysicalAddress holder = page.Spa.AlignDown(isLargeMapping ? PageSize.Size2M : PageSize.Size4K);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            if (!rmp.TryReadEntry(target, holder, out RmpEntry entry)) continue;

            // The owner belongs to the entry that was read if that is unchanged under the same version.
            LowQuadword own = entry.Low;
            if (own.IsMarked) own = rmp.Owned(own, holder);
            bool isSettled = Volatile.Read(ref rmp.Entries.Low(target)) == entry.Low && Volatile.Read(ref version) == begun;
            if (!isSettled) continue;
            if (!own.IsGuestPage(asid, page.Gpa) || own.IsLarge != isLargeMapping) return PrivateCheck.Refused;
            return PrivateAccess.RemainingChecks(entry, vmpl, needed);
        }

        return PrivateCheck.Contended;
    }
}
