using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <content>What the guest's own levels may do with its pages.</content>
internal sealed partial class VictimGuest
{
    private void Adjust(GuestPage page)
    {
        // Write without Read is not a legal combination, so the guest does not ask for it.
        VmplPermissions permissions = (VmplPermissions)_host.Random.Next((int)GuestPage.All + 1);
        if ((permissions & VmplPermissions.Write) != 0) permissions |= VmplPermissions.Read;
        RmpAdjustOperand operand = new RmpAdjustOperand
        {
            TargetVmpl = (byte)_host.Random.Next(1, GuestPage.Vmpls),
            Permissions = permissions,
            Vmsa = _host.Chance(5),
        };
        bool isLarge = _host.Chance(30)
            && Array.TrueForAll(_regions[MachineLayout.RegionOf(page.Number)], static other => other.State == GuestPageState.Valid);
        Adjust(page, isLarge, vmpl: 0, operand);
    }

    /// <summary>
    /// Software of the guest that asks for more than its kernel granted: for itself, for a more privileged VMPL, or for others.
    /// </summary>
    private void AdjustAboveVmpl0(GuestPage page)
    {
        int vmpl = _host.Random.Next(1, GuestPage.Vmpls);
        VmplPermissions permissions = (VmplPermissions)_host.Random.Next((int)GuestPage.All + 1);
        if (_host.Chance(50)) permissions &= page.Granted[vmpl]; // what it may give away, in order to get the save area
        RmpAdjustOperand operand = new RmpAdjustOperand
        {
            TargetVmpl = (byte)_host.Random.Next(GuestPage.Vmpls),
            Permissions = permissions,
            Vmsa = true,
        };
        Adjust(page, isLarge: false, vmpl, operand);
        if (page.State == GuestPageState.Valid) Query(page); // the kernel looks at what has come of it
    }

    private void Adjust(GuestPage page, bool isLarge, int vmpl, RmpAdjustOperand operand)
    {
        GuestPage[] pages = isLarge ? _regions[MachineLayout.RegionOf(page.Number)] : [page];
        if (!TryTranslate(pages[0].Number, out int target, out PageSize size)) return;
        GuestResult result = _host.Table.RmpAdjust(
            Kernel(vmpl), NestedMap.Translation(pages[0].Number, target, size), isLarge ? PageSize.Size2M : PageSize.Size4K, operand);
        if (result.IsSuccess)
        {
            foreach (GuestPage adjusted in pages) Adjusted(adjusted, vmpl, operand);
            return;
        }

        if (result.Fault == RmpFault.None)
        {
            _host.Events.Add(result.Status == RmpStatus.FailSizeMismatch ? SimulationEvent.SizeMismatch : SimulationEvent.AdjustRefused);
        }
        else
        {
            Stopped(pages[0], result, result.ExitInfo1.SizeMismatch ? SimulationEvent.SizeMismatchFault : SimulationEvent.NestedFault);
        }
    }

    private void Adjusted(GuestPage page, int vmpl, RmpAdjustOperand operand)
    {
        if (operand.TargetVmpl <= vmpl) throw new GuaranteeException($"VMPL {vmpl} changed the permissions of VMPL {operand.TargetVmpl}");
        if ((operand.Permissions & ~page.Granted[vmpl]) != 0)
        {
            throw new GuaranteeException($"VMPL {vmpl} gave away {operand.Permissions}, having {page.Granted[vmpl]}");
        }

        page.Grant(operand.TargetVmpl, operand.Permissions);
        if (vmpl == 0) page.SetVmsa(operand.Vmsa);
        _host.Events.Add(SimulationEvent.Adjusted);
    }

    private void Query(GuestPage page)
    {
        if (!_host.Table.Processor.HasRmpQuery || !TryTranslate(page.Number, out int target, out PageSize size)) return;
        int vmpl = _host.Random.Next(GuestPage.Vmpls);
        GuestResult result = _host.Table.RmpQuery(
            Kernel(), NestedMap.Translation(page.Number, target, size), (byte)vmpl, out RmpQueryOutput output);
        if (!result.IsSuccess)
        {
            Stopped(page, result, SimulationEvent.NestedFault);
            return;
        }

        VmplPermissions granted = page.Granted[vmpl];
        bool isRight = page.IsExact
            ? output.Permissions == granted && output.IsVmsa == page.IsVmsa
            : (output.Permissions & ~granted) == 0;
        if (!isRight)
        {
            throw new GuaranteeException(
                $"page {page.Number} of the guest has {output.Permissions} for VMPL {vmpl} (VMSA {output.IsVmsa}), "
                    + $"not {granted} ({page.IsVmsa})");
        }

        _host.Events.Add(SimulationEvent.Queried);
    }
}
