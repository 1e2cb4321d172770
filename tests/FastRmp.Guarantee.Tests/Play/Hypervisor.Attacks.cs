namespace FastRmp.Guarantee.Tests.Play;

/// <content>Attacks that need more than one step, so that pure chance would seldom find them.</content>
internal sealed partial class Hypervisor
{
    private void Attack()
    {
        int guestPage = _guest.AnyUsed();
        int page = Repair(guestPage);
        if (page == Nowhere) return;
        LedgerPage entry = _world.Ledger[page];
        switch (_world.Random.Next(13))
        {
            case 0:
                Substitute(guestPage, page, Board.VictimAsid);
                break;
            case 1:
                Substitute(guestPage, page, Board.AccompliceAsid);
                break;
            case 2:
                ReplayInPlace(page, entry);
                break;
            case 3:
                Rename(guestPage, page);
                break;
            case 4:
                LendToAccomplice(page, entry);
                break;
            case 5:
                Alias(guestPage, page);
                break;
            case 6:
                ConfuseSizes(guestPage, page);
                break;
            case 7:
                PunchHole(page);
                break;
            case 8:
                WriteNearby(page);
                break;
            case 9:
                Overlay(guestPage, page);
                break;
            case 10:
                ShareWithItself(page);
                break;
            case 11:
                SmashAndRejoin(guestPage, page);
                break;
            default:
                ResizeAndWrite(page);
                break;
        }

        _guest.Use(guestPage);
        if (_world.Chance(50)) Repair(guestPage);
        _guest.Use(guestPage);
    }

    /// <summary>
    /// Another page with an old content at the same address, put up by the hypervisor or by an accomplice that validated it.
    /// </summary>
    private void Substitute(int guestPage, int page, uint asid)
    {
        int other = AnyFreePage();
        if (other == Nowhere) return;
        Replay(other, page);
        if (!Assign(other, asid, Board.GpaValue(guestPage))) return;
        if (asid == Board.AccompliceAsid) _accomplices.Prepare(other, Board.GpaValue(guestPage));
        _world.Nested.MapSmall(guestPage, other);
        if (_world.Chance(30)) _guest.GiveBack(guestPage);
        _guest.Use(guestPage);
        if (asid == Board.AccompliceAsid) Assign(other, Board.VictimAsid, Board.GpaValue(guestPage));
    }

    /// <summary>The page is taken, an old content is put in, and it is given back as it was.</summary>
    private void ReplayInPlace(int page, LedgerPage entry)
    {
        if (_world.Ledger.IsLarge(page))
        {
            int first = Board.FirstOf(page);
            ulong gpa = _world.Ledger[first].Gpa;
            if (!Release(first, PageSize.Size2M)) return;
            Replay(page, page);
            Assign(first, entry.Asid, gpa, PageSize.Size2M);
            return;
        }

        if (!Release(page)) return;
        Replay(page, page);
        Assign(page, entry.Asid, entry.Gpa);
    }

    /// <summary>One of the guest's pages becomes another one.</summary>
    private void Rename(int guestPage, int page)
    {
        int other = _world.AnyGuestPage();
        if (!Assign(page, Board.VictimAsid, Board.GpaValue(other))) return;
        _world.Nested.MapSmall(other, page);
        _guest.Use(other);
        _guest.Use(guestPage);
        if (_world.Chance(50)) _guest.Want(other);
        if (_world.Chance(50)) Assign(page, Board.VictimAsid, Board.GpaValue(guestPage));
    }

    private void LendToAccomplice(int page, LedgerPage entry)
    {
        bool isLarge = _world.Ledger.IsLarge(page);
        if (isLarge) entry = _world.Ledger[page = Board.FirstOf(page)];
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (!Assign(page, Board.AccompliceAsid, entry.Gpa, size)) return;
        _accomplices.Prepare(page, entry.Gpa);
        if (_world.Chance(70)) Assign(page, entry.Asid, entry.Gpa, size);
    }

    /// <summary>Two addresses of the guest lead to one page; nothing of the RMP changes.</summary>
    private void Alias(int guestPage, int page)
    {
        int other = _world.AnyGuestPage();
        if (_world.Chance(70)) _world.Nested.MapSmall(other, page);
        else _world.Nested.MapLarge(Board.RegionOf(other), Board.RegionOf(page));
        _guest.Use(other);
        _guest.Use(guestPage);
    }

    private void ConfuseSizes(int guestPage, int page)
    {
        if (_world.Ledger.IsLarge(page) && _world.Chance(50)) Smash(page);
        if (_world.Chance(50)) _world.Nested.MapLarge(Board.RegionOf(guestPage), Board.RegionOf(page));
        else _world.Nested.MapSmall(guestPage, page);
        if (_world.Chance(50)) _guest.Want(_world.AnyGuestPage());
    }

    /// <summary>One piece of a large page is taken away and written.</summary>
    private void PunchHole(int page)
    {
        if (_world.Ledger.IsLarge(page)) page = Board.FirstOf(page) + _world.HotOffset();
        Release(page);
        Write(page, page, PageSize.Size4K);
    }

    /// <summary>A large mapping of the host reaches the guest's pages from a page that is the host's.</summary>
    private void WriteNearby(int page)
    {
        int neighbour = Board.FirstOf(page) + _world.HotOffset();
        if (_world.Chance(30)) Release(neighbour);
        Write(neighbour, page, _world.Chance(50) ? PageSize.Size2M : PageSize.Size1G);
    }

    /// <summary>A 2 MiB page is laid over the guest's small ones.</summary>
    private void Overlay(int guestPage, int page)
    {
        int first = Board.FirstOf(page);
        if (!Assign(first, Board.VictimAsid, Board.GpaValue(Board.FirstOf(guestPage)), PageSize.Size2M)) return;
        _world.Nested.MapLarge(Board.RegionOf(guestPage), Board.RegionOf(page));
        _guest.Use(guestPage);
    }

    /// <summary>What the guest means to share is led to its private page.</summary>
    private void ShareWithItself(int page)
    {
        foreach (int offset in Board.HotOffsets) _world.Nested.MapSmall((Board.PrivateRegions * Board.PagesPerRegion) + offset, page);
        for (int i = 0; i < 8; i++) _guest.Move();
    }

    private void ResizeAndWrite(int page)
    {
        int first = Board.FirstOf(page);
        Smash(first);
        Release(first + _world.HotOffset());
        Release(first + _world.HotOffset());
        Write(first + _world.HotOffset(), page, PageSize.Size2M);
    }

    /// <summary>What can be done to a page that firmware holds.</summary>
    private void AttackHeld(int page, LedgerPage entry)
    {
        bool isLarge = _world.Ledger.IsLarge(page);
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (_world.Chance(20) && Release(page, size)) Write(page, page, PageSize.Size4K);
        if (_world.Chance(20)) Assign(page, entry.Asid, entry.Gpa, size);
        if (_world.Chance(20)) Smash(page);
        if (_world.Chance(20)) _guest.Move();
    }

    private void Write(int page) => Write(page, page, (PageSize)_world.Random.Next(3));

    /// <summary>Writes through a host mapping; a large one that has passed lets the whole 2 MiB be written.</summary>
    private void Write(int page, int meant, PageSize mapping)
    {
        bool isLarge = mapping != PageSize.Size4K;
        if (RmpCheck.Host(_world.Table, AccessKind.Write, Board.Spa(page, _world.AnyByte()), mapping, isUser: _world.Chance(50)).Value != 0)
        {
            _world.Tally.Add(isLarge ? Happening.LargeHostWriteFault : Happening.HostWriteFault);
            return;
        }

        if (!isLarge || Board.FirstOf(page) != Board.FirstOf(meant)) meant = page;
        if (_world.Ledger[meant].IsAssigned)
        {
            throw new GuaranteeException($"the host wrote to page {meant}, which is assigned, through a mapping of {mapping}");
        }

        _world.Memory.Write(meant, _world.Chance(50) ? _world.Memory.Fresh() : _world.Memory.Old(meant, _world.Random.Next(4)));
        _world.Tally.Add(isLarge ? Happening.LargeHostWrite : Happening.HostWrite);
    }

    /// <summary>Puts an old content of one page into another, if the host may write there.</summary>
    private void Replay(int page, int source)
    {
        if (RmpCheck.Host(_world.Table, AccessKind.Write, Board.Spa(page), PageSize.Size4K).Value != 0) return;
        if (_world.Ledger[page].IsAssigned) throw new GuaranteeException($"the host wrote to page {page}, which is assigned");
        _world.Memory.Write(page, _world.Memory.Old(source, _world.Random.Next(4)));
        _world.Tally.Add(Happening.Replayed);
    }
}
