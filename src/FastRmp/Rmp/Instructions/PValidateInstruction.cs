using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>PVALIDATE.</summary>
internal static class PValidateInstruction
{
    /// <summary>The tests of PVALIDATE before the address is translated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool May(in ExecutionState processor, PageSize size, bool isAligned) =>
        GuestRules.MayExecute(processor) && processor.Vmpl == 0 && size <= PageSize.Size2M && isAligned;

    /// <summary>The result if <see cref="May"/> refuses, in the instruction's order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static GuestResult Refusal(in RmpProtocol rmp, in ExecutionState processor)
    {
        if (!GuestRules.MayExecute(processor)) return GuestRules.Refusal(processor);
        if (processor.Vmpl == 0) return GuestResult.Fail(RmpStatus.FailInput);
        return rmp.Choices.PValidateAboveVmpl0IsPermission ? GuestResult.Fail(RmpStatus.FailPermission) : GuestResult.GeneralProtection;
    }

    /// <summary>The instruction on a page that the address led to; nothing that <see cref="May"/> tests is tested again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static GuestResult Execute(in RmpProtocol rmp, nuint index, uint asid, in NestedPage page, PageSize size, bool validate)
    {
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            nuint target = rmp.Attributes(index, out LowQuadword low);
            if (!low.IsGuestPage(asid, page.Gpa))
            {
                if (!low.IsMarked) return GuestRules.NotTheGuests(low);
                if (SaveAreaInUse.TryValidate(rmp, target, low, asid, page, size, validate, out GuestResult result)) return result;
                continue;
            }

            if (!GuestRules.SizesFit(rmp, low, size, page.NestedSize, out ulong fault)) return GuestResult.NestedFault(fault);
            if (size != PageSize.Size4K && !low.IsLarge) return GuestResult.Fail(RmpStatus.FailSizeMismatch);
            if (!validate && rmp.Choices.RescindClearsMasks)
            {
                if (TryRescind(rmp, target, low)) return GuestResult.Completed(!low.IsValidated);
                continue;
            }

            ulong next = After(low, validate);
            if (next == low || Interlocked.CompareExchange(ref rmp.Entries.Low(target), next, low) == low)
            {
                return GuestResult.Completed(next == low);
            }
        }

        return GuestResult.NestedFault(GuestRules.InstructionFault, isContention: true);
    }

    /// <summary>What the low quadword becomes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong After(LowQuadword low, bool validate) =>
        validate ? low | RmpEntry.ValidatedMask : low & ~RmpEntry.ValidatedMask;

    /// <summary>The usual case of <see cref="Execute"/> and nothing else, without a call: a 4 KiB operand, on the guest's own 4 KiB page in
    /// a region of 4 KiB pages, through a 4 KiB mapping.</summary>
    /// <returns>False if something is different, or another processor changed the entry; then nothing was changed, and the instruction is
    /// begun again.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TrySmall(in RmpProtocol rmp, nuint index, uint asid, GuestPhysicalAddress gpa, bool validate, out bool carry)
    {
        carry = false;
        LowQuadword first = Volatile.Read(ref rmp.Entries.Low(index & ~RmpProtocol.LastSubpage));
        if (first.IsLarge) return false;
        ref ulong word = ref rmp.Entries.Low(index);
        LowQuadword low = Volatile.Read(ref word);
        if (low.IsLarge || !low.IsGuestPage(asid, gpa)) return false;
        if (!validate && rmp.Choices.RescindClearsMasks) return false;
        ulong next = After(low, validate);
        carry = next == low;
        return carry || Interlocked.CompareExchange(ref word, next, low) == low;
    }

    /// <summary>Clears Validated, and with it the permissions of the other VMPLs, as a new assignment does.</summary>
    /// <returns>False if another processor changed the entry first.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryRescind(in RmpProtocol rmp, nuint target, LowQuadword low)
    {
        if (Interlocked.CompareExchange(ref rmp.Entries.Low(target), low.Locked, low) != low) return false;
        ClearMasks(rmp, target);
        rmp.Publish(target, low & ~RmpEntry.ValidatedMask);
        return true;
    }

    internal static void ClearMasks(in RmpProtocol rmp, nuint target)
    {
        const ulong Others = RmpEntry.Vmpl1PermissionsMask | RmpEntry.Vmpl2PermissionsMask | RmpEntry.Vmpl3PermissionsMask;
        ref ulong high = ref rmp.Entries.High(target);
        if ((high & Others) == 0) return;
        rmp.BeginWrite(target);
        Volatile.Write(ref high, high & ~Others);
    }
}
