using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>In-use pages: VMCB, VMSA and AVIC backing page from VMRUN to #VMEXIT. Instructions test the use, and VMRUN checks and marks the
/// page, under the lock of the entry.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>Marks a page as in use by a running guest; marks are counted. It does not check whether VMRUN may use the page: see
    /// <see cref="RmpCheck.EnterVm"/>.</summary>
    /// <param name="page">Any address in the 4 KiB page, covered or not.</param>
    /// <remarks>
    /// <para>The VM save area of an SNP guest (assigned to a guest, mutable, VMSA = 1) is marked in its entry, too: Lock = 1 and ASID
    /// 0x3FE, until the last mark is removed. The entry of any other page is not changed.</para>
    /// <para>Source: AMD64 APM vol. 2, 15.36.17; lkml, 2026-06-25. Any threads. Allocates once for each 2 MiB region that ever held such a
    /// page. If another processor holds the entry each time it is read, the mark is kept outside the table only.</para>
    /// </remarks>
    public void MarkInUse(PhysicalAddress page)
    {
        InUsePages.Counter counter = _protocol.InUse.Reserve(page);
        ulong[]? begun = BeginChange(page, out uint stamp);
        if (!TryGetIndex(page, out nuint index) || !_protocol.TryMark(index, page, counter)) _protocol.InUse.Add(counter);
        EntryChanges.End(begun, stamp);
    }

    /// <summary>Removes one mark of <see cref="MarkInUse"/>, as #VMEXIT does. With the last one the entry of a save area shows its owner
    /// again.</summary>
    /// <param name="page">Any address in the 4 KiB page.</param>
    /// <returns>False if the page was not in use; a save area that is in use in a dump was never in use in this table, and stays
    /// marked.</returns>
    /// <remarks>Any threads; never waits: if another processor holds the entry, that one restores it.</remarks>
    public bool TryUnmarkInUse(PhysicalAddress page)
    {
        ulong[]? begun = BeginChange(page, out uint stamp);
        bool wasInUse = _protocol.InUse.TryRemove(page);
        if (wasInUse && _geometry.TryGetIndex(page, out nuint index)) _protocol.SettleMark(index, page);
        EntryChanges.End(begun, stamp);
        return wasInUse;
    }

    /// <summary>Whether a page is in use by a running guest.</summary>
    /// <param name="page">Any address in the 4 KiB page.</param>
    /// <returns>Whether the page is marked, by this table or in an entry of a dump.</returns>
    public bool IsInUse(PhysicalAddress page) =>
        _protocol.HasUse(page)
            || (TryGetIndex(page, out nuint index) && _protocol.IsResting(index, Volatile.Read(ref _protocol.Entries.Low(index)), page));

    /// <summary>Whether the hypervisor may write: <see cref="IsHypervisorOwned"/>, and no running guest uses what is written.</summary>
    /// <param name="address">The address written.</param>
    /// <param name="mapping">Size of the mapping.</param>
    /// <returns>Whether the write passes.</returns>
    /// <remarks>Source: AMD64 APM vol. 2, 15.36. With HvInUseWrAllowed pages in use may be written. With the erratum of Zen 3 and Zen 4 a 2
    /// MiB-aligned page in use forbids its whole region to large mappings.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsHostWritable(PhysicalAddress address, PageSize mapping)
    {
        // The same total before and after, and zero: no page was in use at the moment at which the entry was read.
        ulong uses = _protocol.InUse.Total;
        return (_geometry.TryGetIndex(address, out nuint index) && RmpProtocol.IsUnassigned(_protocol.Entries, index, mapping)
            && InUsePages.IsNone(uses) && _protocol.InUse.Total == uses) || AllowsWrite(address, mapping);
    }

    /// <summary><see cref="IsHostWritable"/> for one of many pages, of which any may be refused: while no page is in use, no branch depends
    /// on an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsOneHostWritable(PhysicalAddress address, PageSize mapping)
    {
        ulong uses = _protocol.InUse.Total;
        if (!_geometry.TryGetIndex(address, out nuint index)) return AllowsWrite(address, mapping);
        bool isUnassigned = RmpProtocol.IsUnassigned(_protocol.Entries, index, mapping);
        return InUsePages.IsNone(uses) && _protocol.InUse.Total == uses ? isUnassigned : AllowsWrite(address, mapping);
    }

    /// <summary>The whole rule, for pages that the common case does not cover. The only call in <see cref="IsHostWritable"/>, and a tail
    /// call, so that callers keep their registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AllowsWrite(PhysicalAddress address, PageSize mapping)
    {
        if (_protocol.Processor.HasHvInUseWrAllowed) return IsHypervisorOwned(address, mapping);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            UseStamp stamp = _protocol.UsesOfWrite(address, mapping);
            if (!IsHypervisorOwned(address, mapping)) return false;
            if (_protocol.UsesOfWrite(address, mapping) == stamp) return !stamp.IsInUse;
        }

        return false; // VMRUN and #VMEXIT one after the other: a fault, as beside an update
    }

    /// <summary>The owner of a save area whose entry is marked; 0 for any other page, and if the mark came with a dump.</summary>
    internal uint OwnerInUse(PhysicalAddress page) => _protocol.InUse.Of(page).Owner;

    /// <inheritdoc cref="VmRun.Check"/>
    internal PageEntry CheckVmRun(PhysicalAddress page, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa)
    {
        if (!TryGetIndex(page, out nuint index)) return isSnpVmsa ? PageEntry.Fails : PageEntry.Passes;
        return VmRun.Check(_protocol, index, page, isSnpVmsa, asid, gpa);
    }

    /// <inheritdoc cref="VmRun.Enter"/>
    internal PageEntry EnterVm(PhysicalAddress page, bool isSnpVmsa, uint asid, GuestPhysicalAddress gpa)
    {
        InUsePages.Counter counter = _protocol.InUse.Reserve(page); // everything that allocates or may fail comes before the lock
        ulong[]? begun = BeginChange(page, out uint stamp);
        PageEntry entry = PageEntry.Passes;
        if (TryGetIndex(page, out nuint index)) entry = VmRun.Enter(_protocol, index, page, isSnpVmsa, asid, gpa, counter);
        else if (isSnpVmsa) entry = PageEntry.Fails;
        else _protocol.InUse.Add(counter);
        EntryChanges.End(begun, stamp);
        return entry;
    }
}
