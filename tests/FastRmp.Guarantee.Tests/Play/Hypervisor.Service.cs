namespace FastRmp.Guarantee.Tests.Play;

/// <content>What a host does for its guest.</content>
internal sealed partial class Hypervisor
{
    private const int Nowhere = -1;

    private void Serve()
    {
        int guestPage = _world.AnyGuestPage();
        if (_world.Chance(30))
        {
            ServeRegion(Board.RegionOf(guestPage));
            return;
        }

        int page = Find(guestPage);
        if (page != Nowhere && _world.Ledger.IsLarge(page) && _world.Chance(40)) Smash(Board.FirstOf(page)); // what SIZEM asks for
        if (page == Nowhere)
        {
            page = AnyFreePage();
            if (page == Nowhere || !Assign(page, Board.VictimAsid, Board.GpaValue(guestPage))) return;
        }

        Repair(guestPage);
        _guest.Want(guestPage);
    }

    private void ServeRegion(int guestRegion)
    {
        int first = guestRegion * Board.PagesPerRegion;
        int page = Find(first);
        if (page == Nowhere || !_world.Ledger.IsLarge(page))
        {
            int region = _world.AnyCoveredRegion();
            if (!_world.Ledger.IsUntouched(region) && _world.Chance(50)) Clear(region);
            page = region * Board.PagesPerRegion;
            if (!Assign(page, Board.VictimAsid, Board.GpaValue(first), PageSize.Size2M)) return;
        }

        _world.Nested.MapLarge(guestRegion, Board.RegionOf(page));
        _guest.WantRegion(guestRegion);
    }

    /// <summary>Maps a page of the guest to the memory that it was given, as a nested page fault asks for.</summary>
    private int Repair(int guestPage)
    {
        int page = Find(guestPage);
        if (page == Nowhere) return page;
        if (_world.Ledger.IsLarge(page)) _world.Nested.MapLarge(Board.RegionOf(guestPage), Board.RegionOf(page));
        else _world.Nested.MapSmall(guestPage, page);
        return page;
    }

    /// <summary>A page for firmware's own use, and what can be tried while it is.</summary>
    private void GiveToFirmware(int page)
    {
        if (!Assign(page, asid: 0, gpa: 0, isImmutable: true)) return;
        _firmware.Write(page);
        AttackHeld(page, _world.Ledger[page]);
        _firmware.Read();
        if (_world.Chance(60)) _firmware.Reclaim(page);
    }

    /// <summary>Firmware is given a page of the guest for a while, and then it goes on.</summary>
    private void HoldAndServe()
    {
        int guestPage = _guest.AnyUsed();
        int page = Find(guestPage);
        if (page == Nowhere) return;
        bool isLarge = _world.Ledger.IsLarge(page);
        if (isLarge) page = Board.FirstOf(page);
        LedgerPage entry = _world.Ledger[page];
        if (!Assign(page, entry.Asid, entry.Gpa, isLarge ? PageSize.Size2M : PageSize.Size4K, isImmutable: true)) return;
        AttackHeld(page, entry);
        int now = page;
        switch (_world.Random.Next(5))
        {
            case 0 or 1 when !isLarge:
                int other = AnyFreePage();
                if (other == Nowhere || !Assign(other, entry.Asid, entry.Gpa, isImmutable: true)) break;
                now = _firmware.Move(page, other) ? other : page;
                break;
            case 2 when !isLarge:
                _firmware.SwapOut(page);
                if (_world.Chance(50)) break;
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
        Smash(Board.FirstOf(page));
        Repair(guestPage);
        _guest.Use(guestPage);
        int first = Board.FirstOf(page);
        for (int i = first; i < first + Board.PagesPerRegion; i++)
        {
            LedgerPage entry = _world.Ledger[i];
            if (!entry.IsAssigned || entry.Asid == 0) return;
            if (!entry.IsImmutable && !Assign(i, entry.Asid, entry.Gpa, isImmutable: true)) return;
        }

        _firmware.Unsmash(first);
        _firmware.Reclaim(first);
    }

    /// <summary>Where the books have a page of the guest: any of the places, if there are several.</summary>
    private int Find(int guestPage)
    {
        int found = Nowhere;
        int places = 0;
        for (int region = 0; region < Board.CoveredRegions; region++)
        {
            foreach (int offset in Board.HotOffsets)
            {
                int page = (region * Board.PagesPerRegion) + offset;
                LedgerPage entry = _world.Ledger[page];
                bool isPlace = entry.IsAssigned && entry.Asid == Board.VictimAsid && entry.Gpa == Board.GpaValue(guestPage);
                if (isPlace && _world.Random.Next(++places) == 0) found = page;
            }
        }

        return found;
    }

    private int AnyFreePage()
    {
        for (int attempt = 0; attempt < 8; attempt++)
        {
            int page = (_world.AnyCoveredRegion() * Board.PagesPerRegion) + _world.HotOffset();
            if (!_world.Ledger[page].IsAssigned) return page;
        }

        return Nowhere;
    }
}
