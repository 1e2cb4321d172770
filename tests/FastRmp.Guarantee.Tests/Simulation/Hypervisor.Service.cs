namespace FastRmp.Guarantee.Tests.Simulation;

/// <content>What a host does for its guest.</content>
internal sealed partial class Hypervisor
{
    private const int Nowhere = -1;

    private void Serve()
    {
        int guestPage = _host.AnyGuestPage();
        if (_host.Chance(30))
        {
            ServeRegion(MachineLayout.RegionOf(guestPage));
            return;
        }

        int page = Find(guestPage);
        if (page != Nowhere && _host.Ownership.IsLarge(page) && _host.Chance(40)) Smash(MachineLayout.FirstOf(page)); // what SIZEM asks for
        if (page == Nowhere)
        {
            page = AnyFreePage();
            if (page == Nowhere || !Assign(page, MachineLayout.VictimAsid, MachineLayout.GpaValue(guestPage))) return;
        }

        Repair(guestPage);
        _guest.Want(guestPage);
    }

    private void ServeRegion(int guestRegion)
    {
        int first = guestRegion * MachineLayout.PagesPerRegion;
        int page = Find(first);
        if (page == Nowhere || !_host.Ownership.IsLarge(page))
        {
            int region = _host.AnyCoveredRegion();
            if (!_host.Ownership.IsUntouched(region) && _host.Chance(50)) Clear(region);
            page = region * MachineLayout.PagesPerRegion;
            if (!Assign(page, MachineLayout.VictimAsid, MachineLayout.GpaValue(first), PageSize.Size2M)) return;
        }

        _host.Nested.MapLarge(guestRegion, MachineLayout.RegionOf(page));
        _guest.WantRegion(guestRegion);
    }

    /// <summary>Maps a page of the guest to the memory that it was given, as a nested page fault asks for.</summary>
    private int Repair(int guestPage)
    {
        int page = Find(guestPage);
        if (page == Nowhere) return page;
        if (_host.Ownership.IsLarge(page)) _host.Nested.MapLarge(MachineLayout.RegionOf(guestPage), MachineLayout.RegionOf(page));
        else _host.Nested.MapSmall(guestPage, page);
        return page;
    }

    /// <summary>A page for firmware's own use, and what can be tried while it is.</summary>
    private void GiveToFirmware(int page)
    {
        if (!Assign(page, asid: 0, gpa: 0, isImmutable: true)) return;
        _firmware.Write(page);
        AttackHeld(page, _host.Ownership[page]);
        _firmware.Read();
        if (_host.Chance(60)) _firmware.Reclaim(page);
    }

    /// <summary>Firmware is given a page of the guest for a while, and then it goes on.</summary>
    private void HoldAndServe()
    {
        int guestPage = _guest.AnyUsed();
        int page = Find(guestPage);
        if (page == Nowhere) return;
        bool isLarge = _host.Ownership.IsLarge(page);
        if (isLarge) page = MachineLayout.FirstOf(page);
        PageOwnership entry = _host.Ownership[page];
        if (!Assign(page, entry.Asid, entry.Gpa, isLarge ? PageSize.Size2M : PageSize.Size4K, isImmutable: true)) return;
        AttackHeld(page, entry);
        int now = page;
        switch (_host.Random.Next(5))
        {
            case 0 or 1 when !isLarge:
                int other = AnyFreePage();
                if (other == Nowhere || !Assign(other, entry.Asid, entry.Gpa, isImmutable: true)) break;
                now = _firmware.Move(page, other) ? other : page;
                break;
            case 2 when !isLarge:
                _firmware.SwapOut(page);
                if (_host.Chance(50)) break;
                _firmware.SwapIn(page);
                break;
            default:
                break;
        }

        _firmware.Reclaim(page);
        _firmware.Reclaim(now);
        Repair(guestPage);
        _guest.Use(guestPage);
    }

    /// <summary>Gives all 512 pages of a region to firmware, smashed, to be made one page again.</summary>
    private void SmashAndRejoin(int guestPage, int page)
    {
        Smash(MachineLayout.FirstOf(page));
        Repair(guestPage);
        _guest.Use(guestPage);
        int first = MachineLayout.FirstOf(page);
        for (int i = first; i < first + MachineLayout.PagesPerRegion; i++)
        {
            PageOwnership entry = _host.Ownership[i];
            if (!entry.IsAssigned || entry.Asid == 0) return;
            if (!entry.IsImmutable && !Assign(i, entry.Asid, entry.Gpa, isImmutable: true)) return;
        }

        _firmware.Unsmash(first);
        _firmware.Reclaim(first);
    }

    /// <summary>Where a page of the guest is by the record of ownership: any of the places, if there are several.</summary>
    private int Find(int guestPage)
    {
        int found = Nowhere;
        int places = 0;
        for (int region = 0; region < MachineLayout.CoveredRegions; region++)
        {
            foreach (int offset in MachineLayout.HotOffsets)
            {
                int page = (region * MachineLayout.PagesPerRegion) + offset;
                PageOwnership entry = _host.Ownership[page];
                bool isPlace = entry.IsAssigned && entry.Asid == MachineLayout.VictimAsid && entry.Gpa == MachineLayout.GpaValue(guestPage);
                if (isPlace && _host.Random.Next(++places) == 0) found = page;
            }
        }

        return found;
    }

    private int AnyFreePage()
    {
        for (int attempt = 0; attempt < 8; attempt++)
        {
            int page = (_host.AnyCoveredRegion() * MachineLayout.PagesPerRegion) + _host.HotOffset();
            if (!_host.Ownership[page].IsAssigned) return page;
        }

        return Nowhere;
    }
}
