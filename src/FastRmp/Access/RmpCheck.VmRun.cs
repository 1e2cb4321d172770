using System;
using FastRmp.Internals;

namespace FastRmp;

/// <content>VMRUN: the pages that it checks stay in use until #VMEXIT. Each page is checked as one of 4 KiB.</content>
public static partial class RmpCheck
{
    /// <summary>Checks a page that VMRUN uses and the hypervisor owns, as one of 4 KiB.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">What the page is for; not the VM save area of an SNP guest.</param>
    /// <param name="page">Any address in the page.</param>
    /// <returns>Whether VMRUN goes on; <see cref="VmRunResult.Contended"/> while another processor is changing the entry.</returns>
    public static VmRunResult VmRun<TGeometry>(ReverseMapTable<TGeometry> table, VmRunPage kind, PhysicalAddress page)
        where TGeometry : struct, IRmpGeometry => VmRun(table, kind, page, asid: 0, default);

    /// <summary>Checks any page that VMRUN uses, as one of 4 KiB.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">What the page is for.</param>
    /// <param name="page">Any address in the page.</param>
    /// <param name="asid">The guest; counts for the VM save area of an SNP guest.</param>
    /// <param name="gpa">The guest physical address that the save area was assigned at; counts for an SNP guest.</param>
    /// <returns>Whether VMRUN goes on; <see cref="VmRunResult.Contended"/> while another processor is changing the entry.</returns>
    public static VmRunResult VmRun<TGeometry>(
        ReverseMapTable<TGeometry> table, VmRunPage kind, PhysicalAddress page, uint asid, GuestPhysicalAddress gpa)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        return Outcome(kind, table.CheckVmRun(page, kind == VmRunPage.SnpVmsa, asid, gpa));
    }

    /// <summary>Checks a page and marks it as in use, as one step: no RMPUPDATE takes the page away in between.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="kind">What the page is for.</param>
    /// <param name="page">Any address in the page.</param>
    /// <param name="asid">The guest; counts for the VM save area of an SNP guest.</param>
    /// <param name="gpa">The guest physical address that the save area was assigned at; counts for an SNP guest.</param>
    /// <returns>Whether VMRUN goes on; only then the page is in use, until <see cref="ExitVm"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">VMRUN does not keep the host's save area in use.</exception>
    public static VmRunResult EnterVm<TGeometry>(
        ReverseMapTable<TGeometry> table, VmRunPage kind, PhysicalAddress page, uint asid, GuestPhysicalAddress gpa)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        if (kind == VmRunPage.HostSaveArea) Throw.NotInUse(nameof(kind));
        return Outcome(kind, table.EnterVm(page, kind == VmRunPage.SnpVmsa, asid, gpa));
    }

    /// <summary>Removes the in-use mark of <see cref="EnterVm"/>, as #VMEXIT does.</summary>
    /// <typeparam name="TGeometry">The geometry: where the entries of the RMP are.</typeparam>
    /// <param name="table">The table.</param>
    /// <param name="page">Any address in the page.</param>
    /// <returns>False if the page was not in use.</returns>
    public static bool ExitVm<TGeometry>(ReverseMapTable<TGeometry> table, PhysicalAddress page)
        where TGeometry : struct, IRmpGeometry
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.TryUnmarkInUse(page);
    }

    private static VmRunResult Outcome(VmRunPage kind, PageEntry entry) => entry switch
    {
        PageEntry.Passes => VmRunResult.Ok,
        PageEntry.InMotion => VmRunResult.Contended,
        _ => kind is VmRunPage.Vmcb or VmRunPage.HostSaveArea ? VmRunResult.GeneralProtection : VmRunResult.Invalid,
    };
}
