using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>RMPADJUST.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMPADJUST: a guest gives a less privileged VMPL of its own permissions on a page, and says whether the page is a VM save area.</summary>
    /// <param name="processor">The executing processor: CPL 0 of an SNP guest in 64-bit mode.</param>
    /// <param name="page">Where the guest virtual address leads.</param>
    /// <param name="size">RCX: 4 KiB or 2 MiB; any other value is FAIL_INPUT.</param>
    /// <param name="operand">RDX.</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_SIZEMISMATCH, #UD, #GP(0), a nested page fault or #VC. Anything but SUCCESS changed nothing.</returns>
    /// <remarks>
    /// <para>Source: AMD64 APM vol. 3, RMPADJUST. The target VMPL is tested before the page is looked at. The VMSA bit counts at VMPL 0 only.</para>
    /// <para>Any threads; atomic: the entry is locked while its high quadword changes.</para>
    /// </remarks>
    public GuestResult RmpAdjust(in ExecutionState processor, in NestedPage page, PageSize size, RmpAdjustOperand operand)
    {
        bool isAligned = IsAlignedTo(page.Gpa, size);
        return MayAdjust(processor, size, isAligned, operand) ? Adjust(processor, page, size, operand) : AdjustRefusal(processor, size, isAligned, operand);
    }

    /// <summary>Whether RMPADJUST comes as far as the page: what is tested before the address is translated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool MayAdjust(in ExecutionState processor, PageSize size, bool isAligned, RmpAdjustOperand operand) =>
        processor.Is64BitMode && MayExecuteInGuest(processor) && size <= PageSize.Size2M && isAligned && !IsMalformed(operand) && operand.TargetVmpl > processor.Vmpl;

    /// <summary>Why <see cref="MayAdjust"/> said no, in the instruction's order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal GuestResult AdjustRefusal(in ExecutionState processor, PageSize size, bool isAligned, RmpAdjustOperand operand)
    {
        if (!processor.Is64BitMode) return GuestResult.InvalidOpcode;
        if (!MayExecuteInGuest(processor)) return GuestRefusal(processor);
        bool isInput = size > PageSize.Size2M || !isAligned || HasRefusedBits(operand) || (IsOutOfRange(operand) && !Choices.RmpAdjustReservedIsPermission);
        return GuestResult.Fail(isInput ? RmpStatus.FailInput : RmpStatus.FailPermission);
    }

    /// <summary>The instruction on a page that the address led to; nothing that <see cref="MayAdjust"/> tests is tested again.</summary>
    internal GuestResult Adjust(in ExecutionState processor, in NestedPage page, PageSize size, RmpAdjustOperand operand)
    {
        if (!_geometry.TryGetIndex(page.Spa, out nuint index) && IsUncovered()) return GuestResult.NestedFault(InstructionFault);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // Each refusal is decided by one read of the low quadword, as in PVALIDATE.
            nuint target = Attributes(index, out ulong low);
            if (!IsGuestPage(low, processor.Asid, page.Gpa))
            {
                if (!IsMarked(low)) return NotTheGuests(low);
                if (TryAdjustInUse(target, low, processor, page, size, operand, out GuestResult result)) return result;
                continue;
            }

            if (!Fits(low, size, page.NestedSize, out GuestResult refusal)) return refusal;
            if (Interlocked.CompareExchange(ref _entries.Low(target), low | RmpEntry.LockMask, low) == low)
            {
                return CommitAdjust(target, low, processor.Vmpl, operand);
            }
        }

        return GuestResult.NestedFault(InstructionFault, isContention: true);
    }

    /// <summary>The tests of a page that is the guest's, up to its masks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Fits(ulong low, PageSize size, PageSize nested, out GuestResult refusal)
    {
        bool isValidated = (low & RmpEntry.ValidatedMask) != 0;
        refusal = GuestResult.NotValidated;
        if (!isValidated && Choices.ValidatedBeforeSize) return false;
        if (!SizesFit(low, size, nested, out ulong fault))
        {
            refusal = GuestResult.NestedFault(fault);
            return false;
        }

        if (!isValidated) return false;
        refusal = GuestResult.Fail(RmpStatus.FailSizeMismatch);
        return size == PageSize.Size4K || IsLarge(low);
    }

    /// <summary>The entry is locked by us: nobody else writes it, but for the count in a base entry, nor takes its region for a 2 MiB page.</summary>
    private GuestResult CommitAdjust(nuint target, ulong oldLow, byte vmpl, RmpAdjustOperand operand)
    {
        RmpEntry old = new(oldLow, _entries.High(target));
        if ((operand.Permissions & ~old.PermissionsOf(vmpl)) != 0)
        {
            Publish(target, oldLow);
            return GuestResult.Fail(RmpStatus.FailPermission);
        }

        RmpEntry next = old.WithPermissionsOf(operand.TargetVmpl, operand.Permissions);
        if (vmpl == 0) next = next with { Vmsa = operand.Vmsa };
        if (next.High != old.High) BeginWrite(target);
        Volatile.Write(ref _entries.High(target), next.High);
        Publish(target, next.Low);
        return GuestResult.Success;
    }

    private bool IsMalformed(RmpAdjustOperand operand) => IsOutOfRange(operand) || HasRefusedBits(operand);

    private bool HasRefusedBits(RmpAdjustOperand operand) => operand.HasReservedBits && !Choices.IgnoreReservedOperandBits;

    private static bool IsOutOfRange(RmpAdjustOperand operand) => operand.TargetVmpl > MaxVmpl || (operand.Permissions & ~VmplPermissions.All) != 0;
}
