using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>What a guest does to its save area while that is in use: the entry hides the owner, so everything here is off the common path.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>The instruction on a save area in use, whose entry hides its owner: under the lock of a marked entry.</summary>
    /// <returns>False if somebody else got the entry.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryValidateInUse(nuint target, ulong low, uint asid, in NestedPage page, PageSize size, bool validate, out GuestResult result)
    {
        result = GuestResult.NestedFault(InstructionFault);
        if (!TryHoldMarked(target, low)) return false;
        PhysicalAddress holder = HolderOf(low, page.Spa);
        ulong next = low;
        if (IsGuestPage(Owned(low, holder), asid, page.Gpa))
        {
            if (!SizesFit(low, size, page.NestedSize, out ulong fault))
            {
                result = GuestResult.NestedFault(fault);
            }
            else if (size != PageSize.Size4K && !IsLarge(low))
            {
                result = GuestResult.Fail(RmpStatus.FailSizeMismatch);
            }
            else
            {
                next = validate ? low | RmpEntry.ValidatedMask : low & ~RmpEntry.ValidatedMask;
                if (!validate && Choices.RescindClearsMasks) ClearMasks(target);
                result = GuestResult.Completed(next == low);
            }
        }

        ReleaseMarked(target, holder, next);
        return true;
    }

    /// <summary>The instruction on a save area in use, whose entry hides its owner: under the lock of a marked entry.</summary>
    /// <returns>False if somebody else got the entry.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryAdjustInUse(nuint target, ulong low, in ExecutionState processor, in NestedPage page, PageSize size, RmpAdjustOperand operand, out GuestResult result)
    {
        result = GuestResult.NestedFault(InstructionFault);
        if (!TryHoldMarked(target, low)) return false;
        PhysicalAddress holder = HolderOf(low, page.Spa);
        bool isGuests = IsGuestPage(Owned(low, holder), processor.Asid, page.Gpa);
        if (isGuests && Fits(low, size, page.NestedSize, out result))
        {
            result = CommitAdjust(target, low, processor.Vmpl, operand);
            SettleMark(target, holder);
        }
        else
        {
            ReleaseMarked(target, holder, low);
            if (!isGuests) result = GuestResult.NestedFault(InstructionFault);
        }

        return true;
    }

    /// <summary>The same checks of a save area in use, whose entry hides its owner.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PrivateCheck CheckInUse(uint asid, byte vmpl, VmplPermissions needed, in NestedPage page, nuint index)
    {
        ref ulong version = ref Version(index);
        bool isLargeMapping = page.NestedSize != PageSize.Size4K;
        PhysicalAddress holder = page.Spa.AlignDown(isLargeMapping ? PageSize.Size2M : PageSize.Size4K);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            if (!TryReadEntry(index, holder, out RmpEntry entry)) continue;

            // The owner belongs to the entry that was read if that stands there still, under the same version.
            ulong own = IsMarked(entry.Low) ? Owned(entry.Low, holder) : entry.Low;
            bool isSettled = Volatile.Read(ref _entries.Low(index)) == entry.Low && Volatile.Read(ref version) == begun;
            if (!isSettled) continue;
            if (!IsGuestPage(own, asid, page.Gpa) || IsLarge(own) != isLargeMapping) return PrivateCheck.Refused;
            if (!entry.Validated) return PrivateCheck.NotValidated;
            return (entry.PermissionsOf(vmpl) & needed) == needed ? PrivateCheck.Passed : PrivateCheck.Forbidden;
        }

        return PrivateCheck.Contended;
    }
}
