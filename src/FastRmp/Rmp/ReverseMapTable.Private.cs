using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>The checks of an SNP guest's private access.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMP-Covered to VMPL, in the manual's order.</summary>
    /// <param name="asid">The guest.</param>
    /// <param name="vmpl">Its VMPL.</param>
    /// <param name="needed">What the mask of that VMPL has to grant.</param>
    /// <param name="page">The page.</param>
    /// <returns>How it ends.</returns>
    /// <remarks>A 4 KiB nested mapping meets the page's own entry, a larger one the base entry. The mask is read between two equal reads of the low quadword under one version of the region, so that both are of one moment.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PrivateCheck CheckPrivate(uint asid, byte vmpl, VmplPermissions needed, in NestedPage page)
    {
        if (!_geometry.TryGetIndex(page.Spa, out nuint index) && IsUncovered()) return PrivateCheck.Refused;
        bool isLargeMapping = page.NestedSize != PageSize.Size4K;
        if (isLargeMapping) index &= ~LastSubpage;
        ref ulong version = ref Version(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            bool settled = TryReadEntry(index, isLargeMapping ? page.Spa.AlignDown(PageSize.Size2M) : page.Spa, out RmpEntry entry) && Volatile.Read(ref version) == begun;
            if (!settled) continue;
            if (!IsGuestPage(entry.Low, asid, page.Gpa) || IsLarge(entry.Low) != isLargeMapping)
            {
                return IsMarked(entry.Low) ? CheckInUse(asid, vmpl, needed, page, index) : PrivateCheck.Refused;
            }

            if (!entry.Validated) return PrivateCheck.NotValidated;
            if ((entry.PermissionsOf(vmpl) & needed) != needed) return PrivateCheck.Forbidden;
            return PrivateCheck.Passed;
        }

        return PrivateCheck.Contended;
    }
}
