using System.Threading;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>The checks of an SNP guest's private access.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMP-Covered to VMPL, in the manual's order.</summary>
    /// <param name="asid">The guest.</param>
    /// <param name="vmpl">Its VMPL.</param>
    /// <param name="needed">What the mask of that VMPL has to grant.</param>
    /// <param name="page">The page.</param>
    /// <param name="code">EXITINFO1 of a fault, without the VMPL bit.</param>
    /// <returns>SUCCESS, a nested page fault or #VC.</returns>
    /// <remarks>A 4 KiB nested mapping meets the page's own entry, a larger one the base entry. The mask is read between two equal reads of the low quadword under one version of the region, so that both are of one moment.</remarks>
    internal GuestResult CheckPrivate(uint asid, byte vmpl, VmplPermissions needed, in NestedTranslation page, ulong code)
    {
        if (!_geometry.TryGetIndex(page.Spa, out nuint index) && IsUncovered()) return GuestResult.NestedFault(code);
        bool isLargeMapping = page.NestedSize != PageSize.Size4K;
        if (isLargeMapping) index &= ~LastSubpage;
        ref ulong version = ref Version(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            bool settled = TryReadEntry(index, out RmpEntry entry) && Volatile.Read(ref version) == begun;
            if (!settled) continue;
            if (!IsGuestPage(entry.Low, asid, page.Gpa) || IsLarge(entry.Low) != isLargeMapping) return GuestResult.NestedFault(code);
            if (!entry.Validated) return GuestResult.NotValidated;
            if ((entry.PermissionsOf(vmpl) & needed) != needed) return GuestResult.NestedFault(code | NestedPageFaultCode.VmplMask);
            return GuestResult.Success;
        }

        return GuestResult.NestedFault(code, isContention: true);
    }
}
