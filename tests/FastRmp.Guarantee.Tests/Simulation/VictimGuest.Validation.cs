using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <content>Validating, once, and giving back.</content>
internal sealed partial class VictimGuest
{
    private static ExecutionState Kernel(int vmpl = 0) => ExecutionState.Guest(MachineLayout.VictimAsid, (byte)vmpl);

    private void Validate4K(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestResult result = _host.Table.PValidate(
            Kernel(), NestedMap.Translation(page.Number, target, size, _host.AnyByte()), PageSize.Size4K, validate: true);
        if (!result.IsSuccess)
        {
            Stopped(page, result, result.ExitInfo1.SizeMismatch ? SimulationEvent.SizeMismatchFault : SimulationEvent.ValidationFault);
            return;
        }

        RequireNotHeld(target);
        if (result.CarryFlag) Told(page);
        else Validated(page, target, SimulationEvent.Validated4K);
    }

    /// <summary>A guest never validates a page twice: a region only if no page of it is in use, nor lost.</summary>
    private void Validate2M(int region)
    {
        GuestPage[] pages = _regions[region];
        if (!Array.TrueForAll(pages, static page => page.State == GuestPageState.Fresh)) return;
        if (!TryTranslate(pages[0].Number, out int target, out PageSize size)) return;
        GuestResult result = _host.Table.PValidate(
            Kernel(), NestedMap.Translation(pages[0].Number, target, size), PageSize.Size2M, validate: true);
        if (result.Fault == RmpFault.None && result.Status == RmpStatus.FailSizeMismatch)
        {
            _host.Events.Add(SimulationEvent.SizeMismatch); // the guest goes on by 4 KiB
            return;
        }

        if (!result.IsSuccess)
        {
            Stopped(pages[0], result, SimulationEvent.ValidationFault);
            return;
        }

        RequireNotHeld(target);
        foreach (GuestPage page in pages)
        {
            if (result.CarryFlag) Told(page);
            else Validated(page, MachineLayout.FirstOf(target) + (page.Number % MachineLayout.PagesPerRegion), SimulationEvent.Validated2M);
        }
    }

    private void Rescind4K(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestResult result = _host.Table.PValidate(
            Kernel(), NestedMap.Translation(page.Number, target, size), PageSize.Size4K, validate: false);
        if (!result.IsSuccess) Stopped(page, result, SimulationEvent.ValidationFault);
        else Rescinded(page, result.CarryFlag);
    }

    private void Rescind2M(int region)
    {
        GuestPage[] pages = _regions[region];
        if (!Array.TrueForAll(pages, static page => page.State == GuestPageState.Valid)) return;
        if (!TryTranslate(pages[0].Number, out int target, out PageSize size)) return;
        GuestResult result = _host.Table.PValidate(
            Kernel(), NestedMap.Translation(pages[0].Number, target, size), PageSize.Size2M, validate: false);
        if (result.Fault == RmpFault.None && result.Status == RmpStatus.FailSizeMismatch) return;
        if (!result.IsSuccess)
        {
            Stopped(pages[0], result, SimulationEvent.ValidationFault);
            return;
        }

        foreach (GuestPage page in pages) Rescinded(page, result.CarryFlag);
    }

    /// <summary>Software of the guest that is not trusted by its own kernel.</summary>
    private void ValidateAboveVmpl0(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestResult result = _host.Table.PValidate(
            Kernel(_host.Random.Next(1, GuestPage.Vmpls)), NestedMap.Translation(page.Number, target, size), PageSize.Size4K,
            _host.Chance(50));
        if (result.IsSuccess) throw new GuaranteeException($"page {page.Number} of the guest was validated above VMPL 0");
    }

    /// <summary>Memory that was never validated, or was given back, can't be used by mistake.</summary>
    private void TouchFresh(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestAccess access = new(MachineLayout.VictimAsid, 0, 0, GuestAccessKind.Read, IsPrivate: true);
        if (RmpCheck.Guest(_host.Table, access, NestedMap.Translation(page.Number, target, size)).IsSuccess)
        {
            throw new GuaranteeException($"page {page.Number} of the guest was readable before it was validated");
        }

        _host.Events.Add(SimulationEvent.FreshPageFault);
    }

    private void Validated(GuestPage page, int target, SimulationEvent kind)
    {
        page.Validate(target);
        _host.Events.Add(kind);
    }

    private void Rescinded(GuestPage page, bool carry)
    {
        if (carry)
        {
            // Not the page that the guest had validated: that one is still valid somewhere.
            Told(page);
            return;
        }

        page.Rescind();
        _host.Events.Add(SimulationEvent.Rescinded);
    }

    private void Told(GuestPage page)
    {
        page.State = GuestPageState.Lost;
        _host.Events.Add(SimulationEvent.ReportedByCarryFlag);
    }

    private void RequireNotHeld(int target)
    {
        if (_host.Ownership[target].IsImmutable) throw new GuaranteeException($"page {target} was validated while firmware held it");
    }
}
