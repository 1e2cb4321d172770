using System;
using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Access;

/// <summary>The checks of VMRUN, which holds what it checked in use until #VMEXIT.</summary>
/// <remarks>AMD64 APM vol. 2, 15.36. Each page is checked as one of 4 KiB. Any threads.</remarks>
public static class VmRunCheck
{
    /// <summary>Checks a page that the hypervisor owns.</summary>
    /// <typeparam name="TGeometry">Where the RMP's entries stand.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">What the page is for; not the VM save area of an SNP guest.</param>
    /// <param name="page">Any address in the page.</param>
    /// <returns>Whether VMRUN goes on.</returns>
    public static VmRunResult Check<TGeometry>(ReverseMapTable<TGeometry> table, VmRunPage kind, PhysicalAddress page)
        where TGeometry : struct, IRmpGeometry => Check(table, kind, page, asid: 0, default);

    /// <summary>Checks any page.</summary>
    /// <typeparam name="TGeometry">Where the RMP's entries stand.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">What the page is for.</param>
    /// <param name="page">Any address in the page.</param>
    /// <param name="asid">The guest; counts for the VM save area of an SNP guest.</param>
    /// <param name="gpa">The guest physical address that the save area was assigned at; counts for an SNP guest.</param>
    /// <returns>Whether VMRUN goes on.</returns>
    public static VmRunResult Check<TGeometry>(ReverseMapTable<TGeometry> table, VmRunPage kind, PhysicalAddress page, uint asid, GuestPhysicalAddress gpa)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        bool passes = kind == VmRunPage.SnpVmsa ? table.IsVmsaOf(page, asid, gpa) : table.IsHypervisorOwnedAndSettled(page);
        if (passes) return VmRunResult.Ok;
        return kind == VmRunPage.Vmcb ? VmRunResult.GeneralProtection : VmRunResult.Invalid;
    }

    /// <summary>Checks a page and marks it as in use, as one step: no RMPUPDATE takes the page away in between.</summary>
    /// <typeparam name="TGeometry">Where the RMP's entries stand.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">What the page is for.</param>
    /// <param name="page">Any address in the page.</param>
    /// <param name="asid">The guest; counts for the VM save area of an SNP guest.</param>
    /// <param name="gpa">The guest physical address that the save area was assigned at; counts for an SNP guest.</param>
    /// <returns>Whether VMRUN goes on; only then the page is in use, until <see cref="ReverseMapTable{TGeometry}.TryUnmarkInUse"/>.</returns>
    public static VmRunResult Enter<TGeometry>(ReverseMapTable<TGeometry> table, VmRunPage kind, PhysicalAddress page, uint asid, GuestPhysicalAddress gpa)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        table.MarkInUse(page); // first: an instruction that does not see the mark holds a lock that the check sees
        VmRunResult result = Check(table, kind, page, asid, gpa);
        if (result != VmRunResult.Ok) table.TryUnmarkInUse(page);
        return result;
    }
}
