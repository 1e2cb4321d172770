using System;
using FastRmp.Addressing;
using FastRmp.Rmp;

namespace FastRmp.Access;

/// <summary>The checks of VMRUN, which holds what it checked in use until #VMEXIT.</summary>
/// <remarks>AMD64 APM vol. 2, 15.36. Each page is checked as one of 4 KiB. Any threads; a page whose entry another processor is changing does not pass.</remarks>
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
        return Outcome(kind, table.PassesVmRun(page, kind == VmRunPage.SnpVmsa, asid, gpa));
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
        return Outcome(kind, table.TryEnterVm(page, kind == VmRunPage.SnpVmsa, asid, gpa));
    }

    private static VmRunResult Outcome(VmRunPage kind, bool passes)
    {
        if (passes) return VmRunResult.Ok;
        return kind is VmRunPage.Vmcb or VmRunPage.HostSaveArea ? VmRunResult.GeneralProtection : VmRunResult.Invalid;
    }
}
