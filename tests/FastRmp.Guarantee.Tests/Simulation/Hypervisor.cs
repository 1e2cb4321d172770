namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>
/// The adversary. It owns the machine, the nested page table, another guest and the devices; it may do anything but write the RMP.
/// </summary>
/// <remarks>It serves the guest just enough that there is something to attack.</remarks>
internal sealed partial class Hypervisor
{
    private readonly SimulatedHost _host;
    private readonly VictimGuest _guest;
    private readonly TrustedFirmware _firmware;
    private readonly ColludingAgents _colludingAgents;

    public Hypervisor(SimulatedHost host, VictimGuest guest)
    {
        _host = host;
        _guest = guest;
        _firmware = new TrustedFirmware(host);
        _colludingAgents = new ColludingAgents(host);
    }

    public void Move()
    {
        int kind = _host.Random.Next(100);
        if (kind < 20) Serve();
        else if (kind < 30) Repair(_guest.AnyUsed());
        else if (kind < 48) Attack();
        else if (kind < 60) Update();
        else if (kind < 62) Smash(_host.AnyPage());
        else if (kind < 69) Remap();
        else if (kind < 77) Write(_host.AnyPage());
        else if (kind < 84) _firmware.Move();
        else if (kind < 92) _colludingAgents.Move();
        else if (kind < 93) Clear(_host.AnyCoveredRegion());
        else if (kind < 95) GiveToFirmware(_host.AnyPage());
        else HoldAndServe();
    }

    /// <summary>RMPUPDATE, and its effect on the record of ownership.</summary>
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
        PageOwnership old = _host.Ownership[page];
        if (!Update(page, size, operand, new PageOwnership(true, asid, gpa, isImmutable))) return false;
        _host.Events.Add(size == PageSize.Size4K ? SimulationEvent.Assigned4K : SimulationEvent.Assigned2M);
        if (old.IsAssigned && (old.Asid != asid || old.Gpa != gpa)) _host.Events.Add(SimulationEvent.Reassigned);
        if (isImmutable) _host.Events.Add(SimulationEvent.FirmwareHeld);
        return true;
    }

    private bool Release(int page, PageSize size = PageSize.Size4K)
    {
        if (!Update(page, size, new RmpUpdateOperand { PageSize = size }, default)) return false;
        _host.Events.Add(size == PageSize.Size4K ? SimulationEvent.Released4K : SimulationEvent.Released2M);
        return true;
    }

    private bool Update(int page, PageSize size, RmpUpdateOperand operand, PageOwnership next)
    {
        RmpResult result = _host.Table.RmpUpdate(ExecutionState.Host, MachineLayout.Spa(page), operand);
        if (result.IsSuccess) _host.Ownership.Update(page, size != PageSize.Size4K, next);
        if (result.Status == RmpStatus.FailOverlap) _host.Events.Add(SimulationEvent.OverlapRefused);
        if (result.Status == RmpStatus.FailPermission) _host.Events.Add(SimulationEvent.PermissionRefused);
        return result.IsSuccess;
    }

    private void Smash(int page)
    {
        if (_host.Chance(90)) page = MachineLayout.FirstOf(page);
        if (_host.Table.PSmash(ExecutionState.Host, MachineLayout.Spa(page)).IsSuccess)
        {
            _host.Ownership.Smash(page);
            _host.Events.Add(SimulationEvent.Smashed);
        }
        else
        {
            _host.Events.Add(SimulationEvent.SmashRefused);
        }
    }

    /// <summary>Any RMPUPDATE.</summary>
    private void Update()
    {
        int page = _host.AnyPage();
        bool isLarge = _host.Chance(25);
        if (isLarge && _host.Chance(90)) page = MachineLayout.FirstOf(page);
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (_host.Chance(40))
        {
            Release(page, size);
            return;
        }

        uint asid = _host.Random.Next(10) switch
        {
            0 => 0,
            1 or 2 => MachineLayout.ColludingAsid,
            _ => MachineLayout.VictimAsid,
        };
        ulong gpa = asid == 0
            ? 0
            : _host.Chance(20)
                ? _host.Ownership[page].Gpa
                : MachineLayout.GpaValue(isLarge ? MachineLayout.FirstOf(_host.AnyGuestPage()) : _host.AnyGuestPage());
        Assign(page, asid, gpa, size, isImmutable: _host.Chance(10));
    }

    /// <summary>Any change of the nested page table.</summary>
    private void Remap()
    {
        int guestPage = _host.Chance(20)
            ? (MachineLayout.PrivateRegions * MachineLayout.PagesPerRegion) + _host.HotOffset()
            : _host.AnyGuestPage();
        _host.Events.Add(SimulationEvent.Remapped);
        int kind = _host.Random.Next(20);
        if (kind < 13) _host.Nested.MapSmall(guestPage, _host.AnyPage());
        else if (kind < 18) _host.Nested.MapLarge(MachineLayout.RegionOf(guestPage), MachineLayout.RegionOf(_host.AnyPage()));
        else if (kind < 19) _host.Nested.MapHuge();
        else _host.Nested.Unmap(guestPage);
    }

    /// <summary>Takes back all that can be taken of a region.</summary>
    private void Clear(int region)
    {
        int first = region * MachineLayout.PagesPerRegion;
        if (Release(first, PageSize.Size2M)) return;
        for (int page = first; page < first + MachineLayout.PagesPerRegion; page++)
        {
            PageOwnership entry = _host.Ownership[page];
            if (entry.IsImmutable) _firmware.Reclaim(page);
            if (entry.IsAssigned) Release(page);
        }
    }
}
