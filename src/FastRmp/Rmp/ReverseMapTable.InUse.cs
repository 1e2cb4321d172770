using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>
/// In-use pages: VMCB, VMSA and AVIC backing page from VMRUN to #VMEXIT. Instructions ask, and VMRUN checks and marks, under the lock of the entry.
/// </content>
public sealed partial class ReverseMapTable<TGeometry>
{
    private readonly InUsePages _inUse = new();

    /// <summary>Marks a page as in use by a running guest, once more. Whether VMRUN may use the page is <see cref="RmpCheck.EnterVm"/>'s to say.</summary>
    /// <param name="page">Any address in the 4 KiB page, covered or not.</param>
    /// <remarks>
    /// <para>The VM save area of an SNP guest (assigned to a guest, mutable, VMSA = 1) is marked in its entry, too: Lock = 1 and ASID 0x3FE, until the last mark is taken back. Of any other page the entry shows nothing.</para>
    /// <para>Source: AMD64 APM vol. 2, 15.36.17; lkml, 2026-06-25. Any threads. Allocates once for each 2 MiB region that ever held such a page. If another processor holds the entry each time it is looked at, the mark stands beside the table alone.</para>
    /// </remarks>
    public void MarkInUse(PhysicalAddress page)
    {
        InUsePages.Counter counter = _inUse.Reserve(page);
        if (!TryMark(page, counter)) _inUse.Add(counter);
    }

    /// <summary>Takes one mark of <see cref="MarkInUse"/> back, as #VMEXIT does. With the last one the entry of a save area shows its owner again.</summary>
    /// <param name="page">Any address in the 4 KiB page.</param>
    /// <returns>False if the page was not in use; a save area that a dump shows in use never was in this table, and stays as it is.</returns>
    /// <remarks>Any threads; never waits: if another processor holds the entry, that one restores it.</remarks>
    public bool TryUnmarkInUse(PhysicalAddress page)
    {
        if (!_inUse.TryRemove(page)) return false;
        if (_geometry.TryGetIndex(page, out nuint index)) SettleMark(index, page);
        return true;
    }

    /// <summary>Whether a page is in use by a running guest.</summary>
    /// <param name="page">Any address in the 4 KiB page.</param>
    /// <returns>Whether a mark stands, in this table or in the entry that a dump brought.</returns>
    public bool IsInUse(PhysicalAddress page) =>
        HasUse(page) || (_geometry.TryGetIndex(page, out nuint index) ? IsResting(Volatile.Read(ref _entries.Low(index)), page) : !IsUncovered());

    /// <summary>Whether the hypervisor may write: <see cref="IsHypervisorOwned"/>, and no running guest uses what is written.</summary>
    /// <param name="address">The address written.</param>
    /// <param name="mapping">Size of the mapping.</param>
    /// <returns>Whether the write passes.</returns>
    /// <remarks>Source: AMD64 APM vol. 2, 15.36. With HvInUseWrAllowed pages in use may be written. With the erratum of Zen 3 and Zen 4 a 2 MiB-aligned page in use forbids its whole region to large mappings.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsHostWritable(PhysicalAddress address, PageSize mapping) =>
        (_geometry.TryGetIndex(address, out nuint index) && IsUnassigned(index, mapping) && !_inUse.Any) || AllowsWrite(address, mapping);

    /// <summary>The whole rule, for what is not plain at once. The only call out of <see cref="IsHostWritable"/>, and the last thing there, so that callers keep their registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AllowsWrite(PhysicalAddress address, PageSize mapping) => IsHypervisorOwned(address, mapping) && !(_inUse.Any && ForbidsWrite(address, mapping));

    private bool ForbidsWrite(PhysicalAddress address, PageSize mapping) =>
        !Processor.HasHvInUseWrAllowed
        && (_inUse.Contains(address)
            || (Processor.HasInUse2MErratum && mapping != PageSize.Size4K && _inUse.Contains(address.AlignDown(PageSize.Size2M))));

    /// <summary>Whose a save area is whose entry is marked; 0 for any other page, and if a dump brought the mark.</summary>
    internal uint OwnerInUse(PhysicalAddress page) => _inUse.Of(page).Owner;

    /// <summary>Whether a mark of this table stands on a page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasUse(PhysicalAddress page) => _inUse.Any && _inUse.Contains(page);

    /// <summary>Whether a use stands in the way of an update: of the page itself, or of any page in the region of a large one that is the hypervisor's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsInTheWay(PhysicalAddress page, bool isLarge) =>
        _inUse.Any && (isLarge && !Choices.LargeUpdateLooksAtFirstPageAlone ? IsRegionInTheWay(page) : _inUse.Contains(page));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsRegionInTheWay(PhysicalAddress start)
    {
        if (!_inUse.TryGet(start, out InUsePages.Counter first) || !_geometry.TryGetIndex(start, out nuint baseIndex)) return false;
        if (InUsePages.Contains(first)) return true;
        for (int i = 1; i <= (int)LastSubpage; i++)
        {
            bool isHypervisors = (Volatile.Read(ref _entries.Low(baseIndex + (nuint)i)) & RmpEntry.AssignedMask) == 0;
            if (isHypervisors && InUsePages.Contains(first with { Index = i })) return true;
        }

        return false;
    }

    /// <summary>VMRUN's check of a page, at 4 KiB.</summary>
    /// <param name="page">The page.</param>
    /// <param name="isSnpVmsa">Whether it is the save area of an SNP guest: RMP-Covered, Guest-Owned, Reverse-Map, Mutable, VMSA = 1. Else Hypervisor-Owned.</param>
    /// <param name="asid">The guest.</param>
    /// <param name="gpa">Where the save area was assigned.</param>
    internal PageEntry CheckVmRun(PhysicalAddress page, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa)
    {
        if (!_geometry.TryGetIndex(page, out nuint index)) return IsUncovered() && !isSnpVmsa ? PageEntry.Passes : PageEntry.Fails;
        ref ulong word = ref _entries.Low(index);
        ref ulong version = ref Version(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong begun = Volatile.Read(ref version);
            ulong low = Volatile.Read(ref word);
            if (!IsMarked(low)) return Look(low, isSnpVmsa, asid, gpa);
            ulong own = Owned(low, page);
            if (Volatile.Read(ref word) == low && Volatile.Read(ref version) == begun) return Look(own, isSnpVmsa, asid, gpa);
        }

        return PageEntry.InMotion;
    }

    /// <summary>Checks and marks under the entry's lock: an RMPUPDATE comes before both or after both. An immutable page needs no lock, no RMPUPDATE takes it.</summary>
    /// <inheritdoc cref="CheckVmRun"/>
    internal PageEntry EnterVm(PhysicalAddress page, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa)
    {
        InUsePages.Counter counter = _inUse.Reserve(page); // whatever allocates or may fail comes before the lock
        if (!_geometry.TryGetIndex(page, out nuint index))
        {
            if (!IsUncovered() || isSnpVmsa) return PageEntry.Fails;
            _inUse.Add(counter);
            return PageEntry.Passes;
        }

        ref ulong word = ref _entries.Low(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong low = Volatile.Read(ref word);
            if (IsMarked(low))
            {
                if (TryEnterMarked(index, page, low, isSnpVmsa, asid, gpa, counter, out PageEntry again)) return again;
                continue;
            }

            PageEntry entry = Look(low, isSnpVmsa, asid, gpa);
            if (entry != PageEntry.Passes) return entry;
            bool isImmutable = (low & RmpEntry.ImmutableMask) != 0;
            if (!isImmutable && Interlocked.CompareExchange(ref word, low | RmpEntry.LockMask, low) != low) continue;
            if (isSnpVmsa)
            {
                Mark(index, page, low, counter);
                return PageEntry.Passes;
            }

            _inUse.Add(counter);
            if (!isImmutable) Publish(index, low);
            return PageEntry.Passes;
        }

        return PageEntry.InMotion;
    }

    private static PageEntry Look(ulong low, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa)
    {
        if (IsInMotion(low)) return PageEntry.InMotion;
        bool passes = isSnpVmsa
            ? asid != 0 && IsGuestPage(low, asid, gpa) && (low & RmpEntry.VmsaMask) != 0
            : (low & RmpEntry.AssignedMask) == 0;
        return passes ? PageEntry.Passes : PageEntry.Fails;
    }
}
