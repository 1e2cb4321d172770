using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>The checks of an SNP guest's private access.</summary>
internal static class PrivateAccess
{
    /// <summary>RMP-Covered to VMPL, in the manual's order.</summary>
    /// <param name="rmp">The table.</param>
    /// <param name="index">The page's own entry.</param>
    /// <param name="asid">The guest.</param>
    /// <param name="vmpl">Its VMPL.</param>
    /// <param name="needed">What the mask of that VMPL has to grant.</param>
    /// <param name="page">The page.</param>
    /// <returns>The result.</returns>
    /// <remarks>
    /// A 4 KiB nested mapping is checked with the page's own entry, a larger one with the base entry. The mask is read between two equal
    /// reads of the low quadword under one version of the region, so that both are of one moment. Handled here is a page that belongs to
    /// the guest at the first read, and whose entry is then neither held nor frozen; everything else is in <see cref="CheckAgain"/>, so
    /// that this method needs registers only.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PrivateCheck Check(in RmpProtocol rmp, nuint index, uint asid, byte vmpl, VmplPermissions needed, in NestedPage page)
    {
        bool isLargeMapping = page.NestedSize != PageSize.Size4K;
        nuint target = isLargeMapping ? index & ~RmpProtocol.LastSubpage : index;
        EntryStore entries = rmp.Entries;
        ref ulong version = ref rmp.Version(target);
        ulong begun = Volatile.Read(ref version);
        LowQuadword low = Volatile.Read(ref entries.Low(target));
        ulong high = Volatile.Read(ref entries.High(target));
        bool isSettled = Volatile.Read(ref entries.Low(target)) == low && Volatile.Read(ref version) == begun;
        return isSettled && low.IsGuestPage(asid, page.Gpa) && low.IsLarge == isLargeMapping
            ? RemainingChecks(new RmpEntry(low, high), vmpl, needed)
            : CheckAgain(rmp, target, asid, vmpl, needed, page);
    }

    /// <summary>The same checks of an entry that another processor may be changing, or that is refused.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PrivateCheck CheckAgain(
        in RmpProtocol rmp, nuint target, uint asid, byte vmpl, VmplPermissions needed, in NestedPage page)
    {
        bool isLargeMapping = page.NestedSize != PageSize.Size4K;
        PhysicalAddress holder = isLargeMapping ? page.Spa.AlignDown(PageSize.Size2M) : page.Spa;
        ref ulong version = ref rmp.Version(target);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            if (rmp.IsBeingOverwritten(target)) continue;
            bool isSettled = rmp.TryReadEntry(target, holder, out RmpEntry entry) && Volatile.Read(ref version) == begun;
            if (!isSettled) continue;
            LowQuadword low = entry.Low;
            if (!low.IsGuestPage(asid, page.Gpa) || low.IsLarge != isLargeMapping)
            {
                return low.IsMarked ? SaveAreaInUse.Check(rmp, target, asid, vmpl, needed, page) : PrivateCheck.Refused;
            }

            return RemainingChecks(entry, vmpl, needed);
        }

        return PrivateCheck.Contended;
    }

    /// <summary>The remaining checks of a page that belongs to the guest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static PrivateCheck RemainingChecks(RmpEntry entry, byte vmpl, VmplPermissions needed)
    {
        if (!entry.Validated) return PrivateCheck.NotValidated;
        if ((entry.PermissionsOf(vmpl) & needed) != needed) return PrivateCheck.Forbidden;
        return PrivateCheck.Passed;
    }
}
