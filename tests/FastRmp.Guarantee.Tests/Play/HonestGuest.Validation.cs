using System;

namespace FastRmp.Guarantee.Tests.Play;

/// <content>Validating, once, and giving back.</content>
internal sealed partial class HonestGuest
{
    private static ExecutionState Kernel(int vmpl = 0) => ExecutionState.Guest(Board.VictimAsid, (byte)vmpl);

    private void Validate4K(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestResult result = _world.Table.PValidate(
            Kernel(), NestedMap.Translation(page.Number, target, size, _world.AnyByte()), PageSize.Size4K, validate: true);
        if (!result.IsSuccess)
        {
            Stopped(page, result, result.ExitInfo1.SizeMismatch ? Happening.SizeMismatchFault : Happening.ValidationFault);
            return;
        }

        RequireNotHeld(target);
        if (result.CarryFlag) Told(page);
        else Validated(page, target, Happening.Validated4K);
    }

    /// <summary>A guest never validates a page twice: a region only if no page of it is in use, nor lost.</summary>
    private void Validate2M(int region)
    {
        GuestPage[] pages = _regions[region];
        if (!Array.TrueForAll(pages, static page => page.Trust == Trust.Fresh)) return;
        if (!TryTranslate(pages[0].Number, out int target, out PageSize size)) return;
        GuestResult result = _world.Table.PValidate(
            Kernel(), NestedMap.Translation(pages[0].Number, target, size), PageSize.Size2M, validate: true);
        if (result.Fault == RmpFault.None && result.Status == RmpStatus.FailSizeMismatch)
        {
            _world.Tally.Add(Happening.SizeMismatch); // the guest goes on by 4 KiB
            return;
        }

        if (!result.IsSuccess)
        {
            Stopped(pages[0], result, Happening.ValidationFault);
            return;
        }

        RequireNotHeld(target);
        foreach (GuestPage page in pages)
        {
            if (result.CarryFlag) Told(page);
            else Validated(page, Board.FirstOf(target) + (page.Number % Board.PagesPerRegion), Happening.Validated2M);
        }
    }

    private void Rescind4K(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestResult result = _world.Table.PValidate(
            Kernel(), NestedMap.Translation(page.Number, target, size), PageSize.Size4K, validate: false);
        if (!result.IsSuccess) Stopped(page, result, Happening.ValidationFault);
        else Rescinded(page, result.CarryFlag);
    }

    private void Rescind2M(int region)
    {
        GuestPage[] pages = _regions[region];
        if (!Array.TrueForAll(pages, static page => page.Trust == Trust.Valid)) return;
        if (!TryTranslate(pages[0].Number, out int target, out PageSize size)) return;
        GuestResult result = _world.Table.PValidate(
            Kernel(), NestedMap.Translation(pages[0].Number, target, size), PageSize.Size2M, validate: false);
        if (result.Fault == RmpFault.None && result.Status == RmpStatus.FailSizeMismatch) return;
        if (!result.IsSuccess)
        {
            Stopped(pages[0], result, Happening.ValidationFault);
            return;
        }

        foreach (GuestPage page in pages) Rescinded(page, result.CarryFlag);
    }

    /// <summary>Software of the guest that is not trusted by its own kernel.</summary>
    private void ValidateAboveVmpl0(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestResult result = _world.Table.PValidate(
            Kernel(_world.Random.Next(1, GuestPage.Vmpls)), NestedMap.Translation(page.Number, target, size), PageSize.Size4K,
            _world.Chance(50));
        if (result.IsSuccess) throw new GuaranteeException($"page {page.Number} of the guest was validated above VMPL 0");
    }

    /// <summary>Memory that was never validated, or was given back, can't be used by mistake.</summary>
    private void TouchFresh(GuestPage page)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        GuestAccess access = new(Board.VictimAsid, 0, 0, GuestAccessKind.Read, IsPrivate: true);
        if (RmpCheck.Guest(_world.Table, access, NestedMap.Translation(page.Number, target, size)).IsSuccess)
        {
            throw new GuaranteeException($"page {page.Number} of the guest was readable before it was validated");
        }

        _world.Tally.Add(Happening.FreshPageFault);
    }

    private void Validated(GuestPage page, int target, Happening happening)
    {
        page.Validate(target);
        _world.Tally.Add(happening);
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
        _world.Tally.Add(Happening.Rescinded);
    }

    private void Told(GuestPage page)
    {
        page.Trust = Trust.Lost;
        _world.Tally.Add(Happening.ToldByCarryFlag);
    }

    private void RequireNotHeld(int target)
    {
        if (_world.Ledger[target].IsImmutable) throw new GuaranteeException($"page {target} was validated while firmware held it");
    }
}
