using System.Runtime.CompilerServices;
using System.Threading;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>
/// In-use pages: VMCB, VMSA and AVIC backing page from VMRUN to #VMEXIT. An instruction asks under its lock, and VMRUN marks before it looks at the
/// entry: of the two that overlap at least one sees the other, so that no page in use is taken away.
/// </content>
public sealed partial class ReverseMapTable<TGeometry>
{
    private readonly InUsePages _inUse = new();

    /// <summary>Marks a page as in use by a running guest, once more. Whether VMRUN may use the page is <see cref="Access.VmRunCheck"/>'s to say.</summary>
    /// <param name="page">Any address in the 4 KiB page, covered or not.</param>
    /// <remarks>Source: AMD64 APM vol. 2, 15.36.17. Any threads. Allocates once for each 2 MiB region that ever held such a page.</remarks>
    public void MarkInUse(PhysicalAddress page) => _inUse.Add(page);

    /// <summary>Takes one mark of <see cref="MarkInUse"/> back, as #VMEXIT does.</summary>
    /// <param name="page">Any address in the 4 KiB page.</param>
    /// <returns>False if the page was not in use.</returns>
    public bool TryUnmarkInUse(PhysicalAddress page) => _inUse.TryRemove(page);

    /// <summary>Whether a page is in use by a running guest.</summary>
    /// <param name="page">Any address in the 4 KiB page.</param>
    /// <returns>Whether a mark stands.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsInUse(PhysicalAddress page) => _inUse.Any && _inUse.Contains(page);

    /// <summary>Whether the hypervisor may write: <see cref="IsHypervisorOwned"/>, and no running guest uses what is written.</summary>
    /// <param name="address">The address written.</param>
    /// <param name="mapping">Size of the mapping.</param>
    /// <returns>Whether the write passes.</returns>
    /// <remarks>Source: AMD64 APM vol. 2, 15.36. With HvInUseWrAllowed pages in use may be written. With the erratum of Zen 3 and Zen 4 a 2 MiB-aligned page in use forbids its whole region to large mappings.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsHostWritable(PhysicalAddress address, PageSize mapping) =>
        IsHypervisorOwned(address, mapping) && (!_inUse.Any || !ForbidsWrite(address, mapping));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ForbidsWrite(PhysicalAddress address, PageSize mapping) =>
        !Processor.HasHvInUseWrAllowed
        && (_inUse.Contains(address)
            || (Processor.HasInUse2MErratum && mapping != PageSize.Size4K && _inUse.Contains(address.AlignDown(PageSize.Size2M))));

    /// <summary>Hypervisor-Owned as VMRUN asks: an entry that another processor holds does not pass.</summary>
    internal bool IsHypervisorOwnedAndSettled(PhysicalAddress page)
    {
        if (!_geometry.TryGetIndex(page, out nuint index)) return IsUncovered();
        ulong low = Volatile.Read(ref _entries.Low(index));
        return (low & RmpEntry.AssignedMask) == 0 && !IsInMotion(low) && !IsFrozen(Volatile.Read(ref _entries.Low(index & ~LastSubpage)));
    }

    /// <summary>RMP-Covered, Guest-Owned, Reverse-Map, Mutable, VMSA = 1, as VMRUN asks of an SNP guest's save area, at 4 KiB.</summary>
    internal bool IsVmsaOf(PhysicalAddress page, uint asid, GuestPhysicalAddress gpa)
    {
        if (!_geometry.TryGetIndex(page, out nuint index)) return !IsUncovered();
        ulong low = Volatile.Read(ref _entries.Low(index));
        return asid != 0 && IsGuestPage(low, asid, gpa) && (low & RmpEntry.VmsaMask) != 0;
    }
}
