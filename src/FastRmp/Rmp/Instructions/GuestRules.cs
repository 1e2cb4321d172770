using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>What the guest's instructions have in common: the conditions for execution, and the fault for a page that is not the
/// guest's.</summary>
internal static class GuestRules
{
    internal const byte MaxVmpl = 3;

    /// <summary>EXITINFO1 of an instruction's fault: neither the bit of a final access nor that of a table.</summary>
    internal const ulong InstructionFault =
        NestedPageFaultCode.PresentMask | NestedPageFaultCode.UserMask | NestedPageFaultCode.RmpMask | NestedPageFaultCode.EncryptedMask;

    /// <summary>Whether the instruction is one of an SNP guest's kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MayExecute(in ExecutionState processor) => processor.IsGuestKernel;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static GuestResult Refusal(in ExecutionState processor) =>
        processor is { SnpEnabled: true, Asid: not 0, IsSnpGuest: true } ? GuestResult.GeneralProtection : GuestResult.InvalidOpcode;

    /// <summary>Whether a 2 MiB operand is aligned; the guest virtual address agrees with the guest physical one in bits [20:12].</summary>
    internal static bool IsAlignedTo(GuestPhysicalAddress gpa, PageSize size) =>
        size != PageSize.Size2M || gpa.AlignDown(PageSize.Size4K).IsAligned(PageSize.Size2M);

    /// <summary>The page of an entry that <see cref="RmpProtocol.Attributes"/> found.</summary>
    internal static PhysicalAddress HolderOf(LowQuadword low, PhysicalAddress page) =>
        page.AlignDown(low.IsLarge ? PageSize.Size2M : PageSize.Size4K);

    /// <summary>The fault for a page that <see cref="LowQuadword.IsGuestPage"/> refused; spurious if another processor holds the
    /// entry.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static GuestResult NotTheGuests(LowQuadword low) => GuestResult.NestedFault(InstructionFault, low.IsInMotion);

    /// <summary>The size rules of PVALIDATE and RMPADJUST that end in a fault: the RMP's size decides first, then the nested
    /// mapping.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="low">The entry.</param>
    /// <param name="size">The size in the operand.</param>
    /// <param name="nested">Size of the nested mapping.</param>
    /// <param name="fault">EXITINFO1.</param>
    /// <returns>Whether the sizes fit, but for a 2 MiB operand on a 4 KiB page, which is not a fault.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool SizesFit(in RmpProtocol rmp, LowQuadword low, PageSize size, PageSize nested, out ulong fault)
    {
        bool isLarge = low.IsLarge;
        fault = InstructionFault;
        bool nestedFits = nested != PageSize.Size4K == isLarge;
        if (rmp.Choices.NestedSizeFirst && !nestedFits) return false;
        if (size == PageSize.Size4K && isLarge)
        {
            fault |= NestedPageFaultCode.SizeMismatchMask;
            return false;
        }

        return nestedFits || (size != PageSize.Size4K && !isLarge);
    }
}
