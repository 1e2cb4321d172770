using System;

namespace FastRmp.Guarantee.Tests.Play;

/// <content>What the guest's own levels may do with its pages.</content>
internal sealed partial class HonestGuest
{
    private void Adjust(GuestPage page)
    {
        // Write without Read is not a legal combination, so the guest does not ask for it.
        VmplPermissions permissions = (VmplPermissions)_world.Random.Next((int)GuestPage.All + 1);
        if ((permissions & VmplPermissions.Write) != 0) permissions |= VmplPermissions.Read;
        RmpAdjustOperand operand = new RmpAdjustOperand
        {
            TargetVmpl = (byte)_world.Random.Next(1, GuestPage.Vmpls),
            Permissions = permissions,
            Vmsa = _world.Chance(5),
        };
        bool isLarge = _world.Chance(30)
            && Array.TrueForAll(_regions[Board.RegionOf(page.Number)], static other => other.Trust == Trust.Valid);
        Adjust(page, isLarge, vmpl: 0, operand);
    }

    /// <summary>Software of the guest that wants more than its kernel gave it: for itself, for its betters, or for others.</summary>
    private void AdjustAboveVmpl0(GuestPage page)
    {
        int vmpl = _world.Random.Next(1, GuestPage.Vmpls);
        VmplPermissions permissions = (VmplPermissions)_world.Random.Next((int)GuestPage.All + 1);
        if (_world.Chance(50)) permissions &= page.Granted[vmpl]; // what it may give away, in order to get the save area
        RmpAdjustOperand operand = new RmpAdjustOperand
        {
            TargetVmpl = (byte)_world.Random.Next(GuestPage.Vmpls),
            Permissions = permissions,
            Vmsa = true,
        };
        Adjust(page, isLarge: false, vmpl, operand);
        if (page.Trust == Trust.Valid) Query(page); // the kernel looks at what has come of it
    }

    private void Adjust(GuestPage page, bool isLarge, int vmpl, RmpAdjustOperand operand)
    {
        GuestPage[] pages = isLarge ? _regions[Board.RegionOf(page.Number)] : [page];
        if (!TryTranslate(pages[0].Number, out int target, out PageSize size)) return;
        GuestResult result = _world.Table.RmpAdjust(
            Kernel(vmpl), NestedMap.Translation(pages[0].Number, target, size), isLarge ? PageSize.Size2M : PageSize.Size4K, operand);
        if (result.IsSuccess)
        {
            foreach (GuestPage adjusted in pages) Adjusted(adjusted, vmpl, operand);
            return;
        }

        if (result.Fault == RmpFault.None)
        {
            _world.Tally.Add(result.Status == RmpStatus.FailSizeMismatch ? Happening.SizeMismatch : Happening.AdjustRefused);
        }
        else
        {
            Stopped(pages[0], result, result.ExitInfo1.SizeMismatch ? Happening.SizeMismatchFault : Happening.NestedFault);
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
        _world.Tally.Add(Happening.Adjusted);
    }

    private void Query(GuestPage page)
    {
        if (!_world.Table.Processor.HasRmpQuery || !TryTranslate(page.Number, out int target, out PageSize size)) return;
        int vmpl = _world.Random.Next(GuestPage.Vmpls);
        GuestResult result = _world.Table.RmpQuery(
            Kernel(), NestedMap.Translation(page.Number, target, size), (byte)vmpl, out RmpQueryOutput output);
        if (!result.IsSuccess)
        {
            Stopped(page, result, Happening.NestedFault);
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

        _world.Tally.Add(Happening.Queried);
    }
}
