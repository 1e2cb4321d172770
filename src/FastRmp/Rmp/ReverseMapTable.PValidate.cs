using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>PVALIDATE.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>PVALIDATE: a guest validates a page, or takes that back.</summary>
    /// <param name="processor">The executing processor: CPL 0, VMPL 0 of an SNP guest.</param>
    /// <param name="page">Where the guest virtual address leads. For a 2 MiB operand its guest physical address is 2 MiB aligned but for [11:0].</param>
    /// <param name="size">ECX: 4 KiB or 2 MiB; any other value is FAIL_INPUT.</param>
    /// <param name="validate">EDX: true to validate, false to rescind.</param>
    /// <returns>SUCCESS with CF (the page had that state already), FAIL_INPUT, FAIL_SIZEMISMATCH, #UD, #GP(0) or a nested page fault. Only SUCCESS with CF = 0 changed anything.</returns>
    /// <remarks>
    /// <para>Source: AMD64 APM vol. 3, PVALIDATE; vol. 2, 15.36. A guest has to take CF = 1 on validation for an attack. Rescinding leaves the VMPL masks.</para>
    /// <para>Any threads; atomic: one compare-and-swap of the low quadword, which holds all that is tested. It fails if anybody takes the entry meanwhile.</para>
    /// </remarks>
    public GuestResult PValidate(in ExecutionState processor, in NestedPage page, PageSize size, bool validate)
    {
        bool isAligned = IsAlignedTo(page.Gpa, size);
        return MayValidate(processor, size, isAligned) ? Validate(processor.Asid, page, size, validate) : ValidateRefusal(processor);
    }

    /// <summary>Whether PVALIDATE comes as far as the page: what is tested before the address is translated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayValidate(in ExecutionState processor, PageSize size, bool isAligned) =>
        MayExecuteInGuest(processor) && processor.Vmpl == 0 && size <= PageSize.Size2M && isAligned;

    /// <summary>Why <see cref="MayValidate"/> said no, in the instruction's order.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal GuestResult ValidateRefusal(in ExecutionState processor)
    {
        if (!MayExecuteInGuest(processor)) return GuestRefusal(processor);
        if (processor.Vmpl == 0) return GuestResult.Fail(RmpStatus.FailInput);
        return Choices.PValidateAboveVmpl0IsPermission ? GuestResult.Fail(RmpStatus.FailPermission) : GuestResult.GeneralProtection;
    }

    /// <summary>The instruction on a page that the address led to; nothing that <see cref="MayValidate"/> tests is tested again.</summary>
    internal GuestResult Validate(uint asid, in NestedPage page, PageSize size, bool validate)
    {
        if (!_geometry.TryGetIndex(page.Spa, out nuint index) && IsUncovered()) return GuestResult.NestedFault(InstructionFault);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            nuint target = Attributes(index, out ulong low);
            if (!IsGuestPage(low, asid, page.Gpa))
            {
                if (!IsMarked(low)) return NotTheGuests(low);
                if (TryValidateInUse(target, low, asid, page, size, validate, out GuestResult result)) return result;
                continue;
            }

            if (!SizesFit(low, size, page.NestedSize, out ulong fault)) return GuestResult.NestedFault(fault);
            if (size != PageSize.Size4K && !IsLarge(low)) return GuestResult.Fail(RmpStatus.FailSizeMismatch);
            if (!validate && Choices.RescindClearsMasks)
            {
                if (TryRescind(target, low)) return GuestResult.Completed((low & RmpEntry.ValidatedMask) == 0);
                continue;
            }

            ulong next = validate ? low | RmpEntry.ValidatedMask : low & ~RmpEntry.ValidatedMask;
            if (next == low || Interlocked.CompareExchange(ref _entries.Low(target), next, low) == low) return GuestResult.Completed(next == low);
        }

        return GuestResult.NestedFault(InstructionFault, isContention: true);
    }

    /// <summary>Takes Validated back and with it what the guest gave to its other VMPLs, as a new assignment would.</summary>
    /// <returns>False if somebody else got the entry.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryRescind(nuint target, ulong low)
    {
        if (Interlocked.CompareExchange(ref _entries.Low(target), low | RmpEntry.LockMask, low) != low) return false;
        ClearMasks(target);
        Publish(target, low & ~RmpEntry.ValidatedMask);
        return true;
    }

    private void ClearMasks(nuint target)
    {
        const ulong Others = RmpEntry.Vmpl1PermissionsMask | RmpEntry.Vmpl2PermissionsMask | RmpEntry.Vmpl3PermissionsMask;
        ref ulong high = ref _entries.High(target);
        if ((high & Others) == 0) return;
        BeginWrite(target);
        Volatile.Write(ref high, high & ~Others);
    }
}
