namespace FastRmp.Guarantee.Tests.Play;

/// <summary>
/// The adversary. It owns the machine, the nested page table, another guest and the devices; it may do anything but write the RMP.
/// </summary>
/// <remarks>It serves the guest just enough that there is something to attack.</remarks>
internal sealed partial class Hypervisor
{
    private readonly World _world;
    private readonly HonestGuest _guest;
    private readonly TrustedFirmware _firmware;
    private readonly Accomplices _accomplices;

    public Hypervisor(World world, HonestGuest guest)
    {
        _world = world;
        _guest = guest;
        _firmware = new TrustedFirmware(world);
        _accomplices = new Accomplices(world);
    }

    public void Move()
    {
        int kind = _world.Random.Next(100);
        if (kind < 20) Serve();
        else if (kind < 30) Repair(_guest.AnyUsed());
        else if (kind < 48) Attack();
        else if (kind < 60) Update();
        else if (kind < 62) Smash(_world.AnyPage());
        else if (kind < 69) Remap();
        else if (kind < 77) Write(_world.AnyPage());
        else if (kind < 84) _firmware.Move();
        else if (kind < 92) _accomplices.Move();
        else if (kind < 93) Clear(_world.AnyCoveredRegion());
        else if (kind < 95) GiveToFirmware(_world.AnyPage());
        else HoldAndServe();
    }

    /// <summary>RMPUPDATE, and what it means to the books.</summary>
    private bool Assign(int page, uint asid, ulong gpa, PageSize size = PageSize.Size4K, bool isImmutable = false)
    {
        RmpUpdateOperand operand = new RmpUpdateOperand
        {
            Gpa = gpa,
            Assigned = true,
            PageSize = size,
            Immutable = isImmutable,
            Asid = asid,
        };
        LedgerPage old = _world.Ledger[page];
        if (!Update(page, size, operand, new LedgerPage(true, asid, gpa, isImmutable))) return false;
        _world.Tally.Add(size == PageSize.Size4K ? Happening.Assigned4K : Happening.Assigned2M);
        if (old.IsAssigned && (old.Asid != asid || old.Gpa != gpa)) _world.Tally.Add(Happening.Reassigned);
        if (isImmutable) _world.Tally.Add(Happening.FirmwareHeld);
        return true;
    }

    private bool Release(int page, PageSize size = PageSize.Size4K)
    {
        if (!Update(page, size, new RmpUpdateOperand { PageSize = size }, default)) return false;
        _world.Tally.Add(size == PageSize.Size4K ? Happening.Released4K : Happening.Released2M);
        return true;
    }

    private bool Update(int page, PageSize size, RmpUpdateOperand operand, LedgerPage next)
    {
        RmpResult result = _world.Table.RmpUpdate(ExecutionState.Host, Board.Spa(page), operand);
        if (result.IsSuccess) _world.Ledger.Update(page, size != PageSize.Size4K, next);
        if (result.Status == RmpStatus.FailOverlap) _world.Tally.Add(Happening.OverlapRefused);
        if (result.Status == RmpStatus.FailPermission) _world.Tally.Add(Happening.PermissionRefused);
        return result.IsSuccess;
    }

    private void Smash(int page)
    {
        if (_world.Chance(90)) page = Board.FirstOf(page);
        if (_world.Table.PSmash(ExecutionState.Host, Board.Spa(page)).IsSuccess)
        {
            _world.Ledger.Smash(page);
            _world.Tally.Add(Happening.Smashed);
        }
        else
        {
            _world.Tally.Add(Happening.SmashRefused);
        }
    }

    /// <summary>Any RMPUPDATE.</summary>
    private void Update()
    {
        int page = _world.AnyPage();
        bool isLarge = _world.Chance(25);
        if (isLarge && _world.Chance(90)) page = Board.FirstOf(page);
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (_world.Chance(40))
        {
            Release(page, size);
            return;
        }

        uint asid = _world.Random.Next(10) switch
        {
            0 => 0,
            1 or 2 => Board.AccompliceAsid,
            _ => Board.VictimAsid,
        };
        ulong gpa = asid == 0
            ? 0
            : _world.Chance(20)
                ? _world.Ledger[page].Gpa
                : Board.GpaValue(isLarge ? Board.FirstOf(_world.AnyGuestPage()) : _world.AnyGuestPage());
        Assign(page, asid, gpa, size, isImmutable: _world.Chance(10));
    }

    /// <summary>Any change of the nested page table.</summary>
    private void Remap()
    {
        int guestPage = _world.Chance(20) ? (Board.PrivateRegions * Board.PagesPerRegion) + _world.HotOffset() : _world.AnyGuestPage();
        _world.Tally.Add(Happening.Remapped);
        int kind = _world.Random.Next(20);
        if (kind < 13) _world.Nested.MapSmall(guestPage, _world.AnyPage());
        else if (kind < 18) _world.Nested.MapLarge(Board.RegionOf(guestPage), Board.RegionOf(_world.AnyPage()));
        else if (kind < 19) _world.Nested.MapHuge();
        else _world.Nested.Unmap(guestPage);
    }

    /// <summary>Takes back all that can be taken of a region.</summary>
    private void Clear(int region)
    {
        int first = region * Board.PagesPerRegion;
        if (Release(first, PageSize.Size2M)) return;
        for (int page = first; page < first + Board.PagesPerRegion; page++)
        {
            LedgerPage entry = _world.Ledger[page];
            if (entry.IsImmutable) _firmware.Reclaim(page);
            if (entry.IsAssigned) Release(page);
        }
    }
}
