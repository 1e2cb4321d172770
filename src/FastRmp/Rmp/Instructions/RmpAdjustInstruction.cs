using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>RMPADJUST.</summary>
internal static class RmpAdjustInstruction
{
    /// <summary>The tests of RMPADJUST before the address is translated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool May(in RmpProtocol rmp, in ExecutionState processor, PageSize size, bool isAligned, RmpAdjustOperand operand) =>
        processor.Is64BitMode && GuestRules.MayExecute(processor) && size <= PageSize.Size2M && isAligned && !IsMalformed(rmp, operand)
            && operand.TargetVmpl > processor.Vmpl;

    /// <summary>The result if <see cref="May"/> refuses, in the instruction's order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static GuestResult Refusal(
        in RmpProtocol rmp, in ExecutionState processor, PageSize size, bool isAligned, RmpAdjustOperand operand)
    {
        if (!processor.Is64BitMode) return GuestResult.InvalidOpcode;
        if (!GuestRules.MayExecute(processor)) return GuestRules.Refusal(processor);
        bool isInput = size > PageSize.Size2M || !isAligned || HasRefusedBits(rmp, operand)
            || (IsOutOfRange(operand) && !rmp.Choices.RmpAdjustReservedIsPermission);
        return GuestResult.Fail(isInput ? RmpStatus.FailInput : RmpStatus.FailPermission);
    }

    /// <summary>The instruction on a page that the address led to; nothing that <see cref="May"/> tests is tested again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static GuestResult Execute(
        in RmpProtocol rmp, nuint index, in ExecutionState processor, in NestedPage page, PageSize size, RmpAdjustOperand operand)
    {
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            // Each refusal is decided by one read of the low quadword, as in PVALIDATE.
            nuint target = rmp.Attributes(index, out LowQuadword low);
            if (!low.IsGuestPage(processor.Asid, page.Gpa))
            {
                if (!low.IsMarked) return GuestRules.NotTheGuests(low);
                if (SaveAreaInUse.TryAdjust(rmp, target, low, processor, page, size, operand, out GuestResult result)) return result;
                continue;
            }

            if (!Fits(rmp, low, size, page.NestedSize, out GuestResult refusal)) return refusal;
            if (Interlocked.CompareExchange(ref rmp.Entries.Low(target), low.Locked, low) == low)
            {
                return Commit(rmp, target, low, processor.Vmpl, operand);
            }
        }

        return GuestResult.NestedFault(GuestRules.InstructionFault, isContention: true);
    }

    /// <summary>The tests of a page that is the guest's, up to its masks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Fits(in RmpProtocol rmp, LowQuadword low, PageSize size, PageSize nested, out GuestResult refusal)
    {
        bool isValidated = low.IsValidated;
        refusal = GuestResult.NotValidated;
        if (!isValidated && rmp.Choices.ValidatedBeforeSize) return false;
        if (!GuestRules.SizesFit(rmp, low, size, nested, out ulong fault))
        {
            refusal = GuestResult.NestedFault(fault);
            return false;
        }

        if (!isValidated) return false;
        refusal = GuestResult.Fail(RmpStatus.FailSizeMismatch);
        return size == PageSize.Size4K || low.IsLarge;
    }

    /// <summary>The caller has locked the entry: no other processor writes it, except the count in a base entry, nor makes its region a 2
    /// MiB page.</summary>
    internal static GuestResult Commit(in RmpProtocol rmp, nuint target, LowQuadword oldLow, byte vmpl, RmpAdjustOperand operand)
    {
        RmpEntry old = new(oldLow, rmp.Entries.High(target));
        if ((operand.Permissions & ~old.PermissionsOf(vmpl)) != 0)
        {
            rmp.Publish(target, oldLow);
            return GuestResult.Fail(RmpStatus.FailPermission);
        }

        RmpEntry next = old.WithPermissionsOf(operand.TargetVmpl, operand.Permissions);
        if (vmpl == 0) next = next with { Vmsa = operand.Vmsa };
        if (next.High != old.High) rmp.BeginWrite(target);
        Volatile.Write(ref rmp.Entries.High(target), next.High);
        rmp.Publish(target, next.Low);
        return GuestResult.Success;
    }

    private static bool IsMalformed(in RmpProtocol rmp, RmpAdjustOperand operand) => IsOutOfRange(operand) || HasRefusedBits(rmp, operand);

    private static bool HasRefusedBits(in RmpProtocol rmp, RmpAdjustOperand operand) =>
        operand.HasReservedBits && !rmp.Choices.IgnoreReservedOperandBits;

    private static bool IsOutOfRange(RmpAdjustOperand operand) =>
        operand.TargetVmpl > GuestRules.MaxVmpl || (operand.Permissions & ~VmplPermissions.All) != 0;
}
