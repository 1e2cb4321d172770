using System;
using FastRmp.Internals;

namespace FastRmp;

/// <content>The rules of KVM's fault handler.</content>
public readonly partial record struct KvmFaultResult
{
    /// <summary>Predicts what KVM does about a nested page fault.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The RMP as it is now.</param>
    /// <param name="exitInfo1">EXITINFO1.</param>
    /// <param name="exitInfo2">EXITINFO2: the guest physical address.</param>
    /// <param name="frame">The frame of that address.</param>
    /// <param name="isSnpGuest">Whether the guest runs with SNP; else no access is private, and there is no RMP handler.</param>
    /// <remarks>
    /// <para>Source: Linux, arch/x86/kvm/svm/svm.c (npf_interception), arch/x86/kvm/mmu, arch/x86/kvm/svm/sev.c (sev_handle_rmp_fault).
    /// Private or shared is decided first, by ENC alone: without it the first touch of a private page is a shared access, and ends in user
    /// space with flags 0.</para>
    /// <para>Changes nothing; <see cref="SnpHost{TGeometry,TPolicy}.HandleGuestFault"/> does what it says. Total over all codes and
    /// addresses. Any threads; allocates nothing.</para>
    /// </remarks>
    /// <returns>The result. A private page that is not assigned yet is assigned (RMPUPDATE) before it is mapped; if the RMP does not cover
    /// the page, the fault is a memory fault.</returns>
    /// <exception cref="ArgumentNullException">No table.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size in the frame is not a defined <see cref="PageSize"/>.</exception>
    public static KvmFaultResult Predict<TGeometry>(
        ReverseMapTable<TGeometry> table, NestedPageFaultCode exitInfo1, GuestPhysicalAddress exitInfo2, in GuestFrame frame,
        bool isSnpGuest = true)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        RefuseUnknown(frame);
        RmpLookup found = frame.Page is { } page ? table.Lookup(page) : default;
        PageSize assigned = SizeOnceAssigned(table, frame, found);
        KvmFaultResult result = Mapping(exitInfo1, exitInfo2, frame, isSnpGuest, isHad: found.IsCovered, assigned);
        if (!exitInfo1.Rmp || !isSnpGuest || result.Action != KvmAction.Map) return result;
        bool isAssigned = found.IsAssigned || result.IsPrivate;
        return result with { Rmp = Violation(frame, isAssigned, assigned, isFixed: found.IsAssigned && found.Entry.Immutable) };
    }

    /// <summary>The translation: private against shared, whether a page is available, and the size of the mapping.</summary>
    internal static KvmFaultResult Mapping(
        NestedPageFaultCode exitInfo1, GuestPhysicalAddress exitInfo2, in GuestFrame frame, bool isSnpGuest, bool isHad, PageSize rmpSize)
    {
        bool isPrivate = isSnpGuest && exitInfo1.Encrypted;
        KvmFaultResult result =
            new(KvmAction.Map, isPrivate, exitInfo2.AlignDown(PageSize.Size4K), PageSize.Size4K, FaultOutcome.NotAnRmpFault);
        if (exitInfo1.ReservedBit) return result with { Action = isPrivate ? KvmAction.Warning : KvmAction.Mmio };
        if (isPrivate != frame.IsPrivate) return result with { Action = KvmAction.MemoryFault };
        if ((isPrivate || frame.SharesGuestMemfd) && (!frame.HasGuestMemfd || frame.Page is null || (isPrivate && !isHad)))
        {
            return result with { Action = KvmAction.MemoryFault };
        }

        PageSize size = Smaller(frame.FolioSize, frame.EvenSize);
        return result with { MappingSize = isPrivate ? Smaller(size, rmpSize) : size };
    }

    /// <summary>The RMP violation of an access whose translation is known.</summary>
    private static FaultOutcome Violation(in GuestFrame frame, bool isAssigned, PageSize size, bool isFixed)
    {
        if (!frame.IsPrivate) return FaultOutcome.NotPrivate;
        if (!isAssigned) return FaultOutcome.NotAssigned;
        if (size == PageSize.Size4K) return FaultOutcome.Spurious;
        return isFixed ? FaultOutcome.SmashFailed : FaultOutcome.Smashed;
    }

    /// <summary>The size of the RMP page that the frame's page is part of, once it is assigned.</summary>
    internal static PageSize SizeOnceAssigned<TGeometry>(ReverseMapTable<TGeometry> table, in GuestFrame frame, in RmpLookup found)
        where TGeometry : struct, IRmpGeometry
    {
        if (found.IsAssigned) return found.Size;
        return frame is { Page: { } page, FolioSize: not PageSize.Size4K } && table.IsHypervisorOwned(page, PageSize.Size2M)
            ? PageSize.Size2M
            : PageSize.Size4K;
    }

    internal static void RefuseUnknown(in GuestFrame frame)
    {
        if (frame.FolioSize > PageSize.Size1G) Throw.NoPageSize(nameof(frame), (int)frame.FolioSize);
        if (frame.EvenSize > PageSize.Size1G) Throw.NoPageSize(nameof(frame), (int)frame.EvenSize);
    }

    private static PageSize Smaller(PageSize left, PageSize right) => left < right ? left : right;
}
