using System;
using FastRmp.Internals;

namespace FastRmp;

/// <content>The rules by which the answer is foretold.</content>
public readonly partial record struct KvmVerdict
{
    /// <summary>Foretells what KVM does.</summary>
    /// <typeparam name="TGeometry">Where the RMP's entries stand.</typeparam>
    /// <param name="table">The RMP as it is now.</param>
    /// <param name="exitInfo1">EXITINFO1.</param>
    /// <param name="exitInfo2">EXITINFO2: the guest physical address.</param>
    /// <param name="frame">The frame of that address.</param>
    /// <param name="isSnpGuest">Whether the guest runs with SNP; else no access is private, and there is no RMP handler.</param>
    /// <remarks>
    /// <para>Source: Linux, arch/x86/kvm/svm/svm.c (npf_interception), arch/x86/kvm/mmu, arch/x86/kvm/svm/sev.c (sev_handle_rmp_fault).
    /// Private or shared is settled first, by ENC alone: without it the first touch of a private page is a shared access, and ends in user
    /// space with flags 0.</para>
    /// <para>Changes nothing; <see cref="SnpHost{TGeometry,TPolicy}.HandleGuestFault"/> does what it says. Total over all codes and
    /// addresses. Any threads; allocates nothing.</para>
    /// </remarks>
    /// <returns>The verdict. A private page that is not assigned yet becomes so (RMPUPDATE) before its mapping is made; where the RMP does
    /// not cover it, it cannot be had.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A size in the frame is none.</exception>
    public static KvmVerdict Foretell<TGeometry>(
        ReverseMapTable<TGeometry> table, NestedPageFaultCode exitInfo1, GuestPhysicalAddress exitInfo2, in GuestFrame frame,
        bool isSnpGuest = true)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        RefuseUnknown(frame);
        RmpLookup found = frame.Page is { } page ? table.Lookup(page) : default;
        PageSize assigned = SizeOnceAssigned(table, frame, found);
        KvmVerdict verdict = Mapping(exitInfo1, exitInfo2, frame, isSnpGuest, isHad: found.IsCovered, assigned);
        if (!exitInfo1.Rmp || !isSnpGuest || verdict.Action != KvmAction.Map) return verdict;
        bool isAssigned = found.IsAssigned || verdict.IsPrivate;
        return verdict with { Rmp = Violation(frame, isAssigned, assigned, isFixed: found.IsAssigned && found.Entry.Immutable) };
    }

    /// <summary>The translation: private against shared, whether a page can be had, and the size of the mapping.</summary>
    internal static KvmVerdict Mapping(
        NestedPageFaultCode exitInfo1, GuestPhysicalAddress exitInfo2, in GuestFrame frame, bool isSnpGuest, bool isHad, PageSize rmpSize)
    {
        bool isPrivate = isSnpGuest && exitInfo1.Encrypted;
        KvmVerdict verdict =
            new(KvmAction.Map, isPrivate, exitInfo2.AlignDown(PageSize.Size4K), PageSize.Size4K, FaultOutcome.NotAnRmpFault);
        if (exitInfo1.ReservedBit) return verdict with { Action = isPrivate ? KvmAction.Warning : KvmAction.Mmio };
        if (isPrivate != frame.IsPrivate) return verdict with { Action = KvmAction.MemoryFault };
        if ((isPrivate || frame.SharesGuestMemfd) && (!frame.HasGuestMemfd || frame.Page is null || (isPrivate && !isHad)))
        {
            return verdict with { Action = KvmAction.MemoryFault };
        }

        PageSize size = Smaller(frame.FolioSize, frame.EvenSize);
        return verdict with { MappingSize = isPrivate ? Smaller(size, rmpSize) : size };
    }

    /// <summary>The RMP violation of an access whose translation is settled.</summary>
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
