using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>What the guest's instructions share: who may execute them, and whether a page is the guest's.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>EXITINFO1 of an instruction's fault: neither the bit of a final access nor that of a table.</summary>
    private const ulong InstructionFault =
        NestedPageFaultCode.PresentMask | NestedPageFaultCode.UserMask | NestedPageFaultCode.RmpMask | NestedPageFaultCode.EncryptedMask;

    /// <summary>Whether the instruction is one of an SNP guest's kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayExecuteInGuest(in ExecutionState processor) => processor is { SnpEnabled: true, Asid: not 0, IsSnpGuest: true, Cpl: 0 };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GuestResult GuestRefusal(in ExecutionState processor) =>
        processor is { SnpEnabled: true, Asid: not 0, IsSnpGuest: true } ? GuestResult.GeneralProtection : GuestResult.InvalidOpcode;

    /// <summary>Whether a 2 MiB operand is aligned; the guest virtual address agrees with the guest physical one in bits [20:12].</summary>
    private static bool IsAlignedTo(GuestPhysicalAddress gpa, PageSize size) => size != PageSize.Size2M || gpa.AlignDown(PageSize.Size4K).IsAligned(PageSize.Size2M);

    /// <summary>The entry that holds a page's attributes: its own, or the base entry of a 2 MiB page.</summary>
    /// <param name="index">The page's own entry.</param>
    /// <param name="low">The low quadword of the entry found.</param>
    /// <returns>Index of the entry found.</returns>
    /// <remarks>
    /// Two reads, and yet the answer is one of a single moment. A large base answers by its own word. Below a base that was small the page's own
    /// word answers: if a 2 MiB page came in between, the region was empty on the way, and the refusal that the sub-entry (ASID 0) leads to was right
    /// then; if a PSMASH is on its way, an entry that it has published is as final as the whole, for everybody else is told of contention.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nuint Attributes(nuint index, out ulong low)
    {
        nuint baseIndex = index & ~LastSubpage;
        low = Volatile.Read(ref _entries.Low(baseIndex));
        if (index == baseIndex || IsLarge(low)) return baseIndex;
        low = Volatile.Read(ref _entries.Low(index));
        return index;
    }

    /// <summary>The page that an entry found by <see cref="Attributes"/> is of.</summary>
    private static PhysicalAddress HolderOf(ulong low, PhysicalAddress page) => page.AlignDown(IsLarge(low) ? PageSize.Size2M : PageSize.Size4K);

    /// <summary>RMP-Covered is known; Guest-Owned, Mutable and Reverse-Map, which all live in the low quadword.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsGuestPage(ulong low, uint asid, GuestPhysicalAddress gpa)
    {
        const ulong Compared = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.AsidMask | RmpEntry.LockMask;
        ulong page = gpa.AlignDown(IsLarge(low) ? PageSize.Size2M : PageSize.Size4K).Value;
        return (low & Compared) == (RmpEntry.AssignedMask | ((ulong)asid << RmpEntry.AsidShift)) && (low & RmpEntry.GpaMask) == page && asid <= RmpEntry.MaxAsid;
    }

    /// <summary>The fault for a page that <see cref="IsGuestPage"/> refused; spurious if somebody holds the entry.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static GuestResult NotTheGuests(ulong low) => GuestResult.NestedFault(InstructionFault, IsInMotion(low));

    /// <summary>Whether an entry is locked or frozen, other than a resting firmware page or a save area in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsInMotion(ulong low) => IsFrozen(low) || ((low & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) == RmpEntry.LockMask && !IsMarked(low));

    /// <summary>The size rules of PVALIDATE and RMPADJUST that end in a fault: the RMP's size decides first, then the nested mapping.</summary>
    /// <param name="low">The entry.</param>
    /// <param name="size">The size in the operand.</param>
    /// <param name="nested">Size of the nested mapping.</param>
    /// <param name="fault">EXITINFO1.</param>
    /// <returns>Whether the sizes fit, but for a 2 MiB operand on a 4 KiB page, which is no fault.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool SizesFit(ulong low, PageSize size, PageSize nested, out ulong fault)
    {
        bool isLarge = IsLarge(low);
        fault = InstructionFault;
        bool nestedFits = nested != PageSize.Size4K == isLarge;
        if (Choices.NestedSizeFirst && !nestedFits) return false;
        if (size == PageSize.Size4K && isLarge)
        {
            fault |= NestedPageFaultCode.SizeMismatchMask;
            return false;
        }

        return nestedFits || (size != PageSize.Size4K && !isLarge);
    }
}
