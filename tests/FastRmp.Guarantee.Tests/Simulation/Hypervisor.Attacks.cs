namespace FastRmp.Guarantee.Tests.Simulation;

/// <content>Attacks that need more than one step, so that pure chance would seldom find them.</content>
internal sealed partial class Hypervisor
{
    private void Attack()
    {
        int guestPage = _guest.AnyUsed();
        int page = Repair(guestPage);
        if (page == Nowhere) return;
        PageOwnership entry = _host.Ownership[page];
        switch (_host.Random.Next(13))
        {
            case 0:
                Substitute(guestPage, page, MachineLayout.VictimAsid);
                break;
            case 1:
                Substitute(guestPage, page, MachineLayout.ColludingAsid);
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
        if (_host.Chance(50)) Repair(guestPage);
        _guest.Use(guestPage);
    }

    /// <summary>
    /// Another page with an old content at the same address, mapped by the hypervisor, or by a colluding guest that validated it.
    /// </summary>
    private void Substitute(int guestPage, int page, uint asid)
    {
        int other = AnyFreePage();
        if (other == Nowhere) return;
        Replay(other, page);
        if (!Assign(other, asid, MachineLayout.GpaValue(guestPage))) return;
        if (asid == MachineLayout.ColludingAsid) _colludingAgents.Prepare(other, MachineLayout.GpaValue(guestPage));
        _host.Nested.MapSmall(guestPage, other);
        if (_host.Chance(30)) _guest.GiveBack(guestPage);
        _guest.Use(guestPage);
        if (asid == MachineLayout.ColludingAsid) Assign(other, MachineLayout.VictimAsid, MachineLayout.GpaValue(guestPage));
    }

    /// <summary>The page is taken, an old content is put in, and it is given back as it was.</summary>
    private void ReplayInPlace(int page, PageOwnership entry)
    {
        if (_host.Ownership.IsLarge(page))
        {
            int first = MachineLayout.FirstOf(page);
            ulong gpa = _host.Ownership[first].Gpa;
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
        int other = _host.AnyGuestPage();
        if (!Assign(page, MachineLayout.VictimAsid, MachineLayout.GpaValue(other))) return;
        _host.Nested.MapSmall(other, page);
        _guest.Use(other);
        _guest.Use(guestPage);
        if (_host.Chance(50)) _guest.Want(other);
        if (_host.Chance(50)) Assign(page, MachineLayout.VictimAsid, MachineLayout.GpaValue(guestPage));
    }

    private void LendToAccomplice(int page, PageOwnership entry)
    {
        bool isLarge = _host.Ownership.IsLarge(page);
        if (isLarge) entry = _host.Ownership[page = MachineLayout.FirstOf(page)];
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (!Assign(page, MachineLayout.ColludingAsid, entry.Gpa, size)) return;
        _colludingAgents.Prepare(page, entry.Gpa);
        if (_host.Chance(70)) Assign(page, entry.Asid, entry.Gpa, size);
    }

    /// <summary>Two addresses of the guest lead to one page; nothing of the RMP changes.</summary>
    private void Alias(int guestPage, int page)
    {
        int other = _host.AnyGuestPage();
        if (_host.Chance(70)) _host.Nested.MapSmall(other, page);
        else _host.Nested.MapLarge(MachineLayout.RegionOf(other), MachineLayout.RegionOf(page));
        _guest.Use(other);
        _guest.Use(guestPage);
    }

    private void ConfuseSizes(int guestPage, int page)
    {
        if (_host.Ownership.IsLarge(page) && _host.Chance(50)) Smash(page);
        if (_host.Chance(50)) _host.Nested.MapLarge(MachineLayout.RegionOf(guestPage), MachineLayout.RegionOf(page));
        else _host.Nested.MapSmall(guestPage, page);
        if (_host.Chance(50)) _guest.Want(_host.AnyGuestPage());
    }

    /// <summary>One piece of a large page is taken away and written.</summary>
    private void PunchHole(int page)
    {
        if (_host.Ownership.IsLarge(page)) page = MachineLayout.FirstOf(page) + _host.HotOffset();
        Release(page);
        Write(page, page, PageSize.Size4K);
    }

    /// <summary>A large mapping of the host reaches the guest's pages from a page that is the host's.</summary>
    private void WriteNearby(int page)
    {
        int neighbour = MachineLayout.FirstOf(page) + _host.HotOffset();
        if (_host.Chance(30)) Release(neighbour);
        Write(neighbour, page, _host.Chance(50) ? PageSize.Size2M : PageSize.Size1G);
    }

    /// <summary>A 2 MiB page is laid over the guest's small ones.</summary>
    private void Overlay(int guestPage, int page)
    {
        int first = MachineLayout.FirstOf(page);
        if (!Assign(first, MachineLayout.VictimAsid, MachineLayout.GpaValue(MachineLayout.FirstOf(guestPage)), PageSize.Size2M)) return;
        _host.Nested.MapLarge(MachineLayout.RegionOf(guestPage), MachineLayout.RegionOf(page));
        _guest.Use(guestPage);
    }

    /// <summary>What the guest means to share is led to its private page.</summary>
    private void ShareWithItself(int page)
    {
        foreach (int offset in MachineLayout.HotOffsets)
        {
            _host.Nested.MapSmall((MachineLayout.PrivateRegions * MachineLayout.PagesPerRegion) + offset, page);
        }

        for (int i = 0; i < 8; i++) _guest.Move();
    }

    private void ResizeAndWrite(int page)
    {
        int first = MachineLayout.FirstOf(page);
        Smash(first);
        Release(first + _host.HotOffset());
        Release(first + _host.HotOffset());
        Write(first + _host.HotOffset(), page, PageSize.Size2M);
    }

    /// <summary>What can be done to a page that firmware holds.</summary>
    private void AttackHeld(int page, PageOwnership entry)
    {
        bool isLarge = _host.Ownership.IsLarge(page);
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (_host.Chance(20) && Release(page, size)) Write(page, page, PageSize.Size4K);
        if (_host.Chance(20)) Assign(page, entry.Asid, entry.Gpa, size);
        if (_host.Chance(20)) Smash(page);
        if (_host.Chance(20)) _guest.Move();
    }

    private void Write(int page) => Write(page, page, (PageSize)_host.Random.Next(3));

    /// <summary>Writes through a host mapping; a large one that has passed lets the whole 2 MiB be written.</summary>
    private void Write(int page, int meant, PageSize mapping)
    {
        bool isLarge = mapping != PageSize.Size4K;
        if (RmpCheck.Host(
            _host.Table, AccessKind.Write, MachineLayout.Spa(page, _host.AnyByte()), mapping, isUser: _host.Chance(50)).Value != 0)
        {
            _host.Events.Add(isLarge ? SimulationEvent.LargeHostWriteFault : SimulationEvent.HostWriteFault);
            return;
        }

        if (!isLarge || MachineLayout.FirstOf(page) != MachineLayout.FirstOf(meant)) meant = page;
        if (_host.Ownership[meant].IsAssigned)
        {
            throw new GuaranteeException($"the host wrote to page {meant}, which is assigned, through a mapping of {mapping}");
        }

        _host.Memory.Write(meant, _host.Chance(50) ? _host.Memory.Fresh() : _host.Memory.Old(meant, _host.Random.Next(4)));
        _host.Events.Add(isLarge ? SimulationEvent.LargeHostWrite : SimulationEvent.HostWrite);
    }

    /// <summary>Puts an old content of one page into another, if the host may write there.</summary>
    private void Replay(int page, int source)
    {
        if (RmpCheck.Host(_host.Table, AccessKind.Write, MachineLayout.Spa(page), PageSize.Size4K).Value != 0) return;
        if (_host.Ownership[page].IsAssigned) throw new GuaranteeException($"the host wrote to page {page}, which is assigned");
        _host.Memory.Write(page, _host.Memory.Old(source, _host.Random.Next(4)));
        _host.Events.Add(SimulationEvent.Replayed);
    }
}
