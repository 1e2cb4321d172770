namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>What the hypervisor controls besides itself: a second SNP guest, a guest without SNP, and devices.</summary>
internal sealed class ColludingAgents(SimulatedHost host)
{
    public void Move()
    {
        int page = host.AnyPage();
        int kind = host.Random.Next(10);
        if (kind < 3) Prepare(page, host.Ownership[page].Gpa);
        else if (kind < 6) Write(page, MachineLayout.GpaValue(host.AnyGuestPage()), (PageSize)host.Random.Next(3));
        else if (kind < 8) WriteFromPlainGuest(page);
        else WriteFromDevice(page);
    }

    /// <summary>The colluding guest validates a page, gives every VMPL all permissions, and writes to it.</summary>
    public void Prepare(int page, ulong gpa)
    {
        bool isLarge = host.Ownership.IsLarge(page);
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (isLarge)
        {
            page = MachineLayout.FirstOf(page);
            gpa = host.Ownership[page].Gpa;
        }

        ExecutionState kernel = ExecutionState.Guest(MachineLayout.ColludingAsid);
        NestedPage where = new(GuestPhysicalAddress.Create(gpa), MachineLayout.Spa(page), size);
        GuestResult result = host.Table.PValidate(kernel, where, size, validate: true);
        if (result.IsSuccess)
        {
            RequireOwn(page);
            host.Events.Add(SimulationEvent.ColludingGuestValidated);
        }

        RmpAdjustOperand all = new RmpAdjustOperand
        {
            TargetVmpl = (byte)host.Random.Next(1, 4),
            Permissions = GuestPage.All,
            Vmsa = host.Chance(30),
        };
        if (host.Table.RmpAdjust(kernel, where, size, all).IsSuccess) RequireOwn(page);
        Write(page, gpa, size);
    }

    private void Write(int page, ulong gpa, PageSize size)
    {
        GuestAccess access = new(
            MachineLayout.ColludingAsid, (byte)host.Random.Next(4), 0, host.Chance(80) ? GuestAccessKind.Write : GuestAccessKind.PageTable,
            IsPrivate: host.Chance(80));
        NestedPage where = new(GuestPhysicalAddress.Create(gpa), MachineLayout.Spa(page), size);
        if (!RmpCheck.Guest(host.Table, access, where).IsSuccess)
        {
            host.Events.Add(SimulationEvent.ColludingGuestFault);
            return;
        }

        if (host.Ownership[page].IsAssigned) RequireOwn(page);
        host.Events.Add(SimulationEvent.ColludingGuestWrite);
        WriteThrough(page, size);
    }

    private void WriteFromPlainGuest(int page)
    {
        PageSize size = (PageSize)host.Random.Next(3);
        bool isTable = host.Chance(30);
        GuestAccess access = new(
            MachineLayout.PlainGuestAsid, 0, 3, isTable ? GuestAccessKind.PageTable : GuestAccessKind.Write, IsPrivate: host.Chance(30),
            IsSnpGuest: false);
        bool passes = RmpCheck.Guest(host.Table, access, NestedMap.Translation(host.AnyGuestPage(), page, size)).IsSuccess;
        if (passes) WriteThrough(page, isTable ? PageSize.Size4K : size);
        host.Events.Add(passes ? SimulationEvent.PlainGuestWrite : SimulationEvent.PlainGuestFault);
    }

    private void WriteFromDevice(int page)
    {
        PageSize size = (PageSize)host.Random.Next(3);
        bool passes = RmpCheck.Device(host.Table, AccessKind.Write, MachineLayout.Spa(page), size);
        if (passes) WriteThrough(page, size);
        host.Events.Add(passes ? SimulationEvent.DeviceWrite : SimulationEvent.DeviceFault);
    }

    /// <summary>Writes what a mapping that has passed lets one write.</summary>
    private void WriteThrough(int page, PageSize size)
    {
        if (size != PageSize.Size4K && host.Chance(50)) page = MachineLayout.FirstOf(page) + host.HotOffset();
        PageOwnership entry = host.Ownership[page];
        if (entry.IsAssigned && entry.Asid != MachineLayout.ColludingAsid)
        {
            throw new GuaranteeException($"page {page} of ASID {entry.Asid} was written by a colluding guest or device");
        }

        host.Memory.Write(page, host.Memory.Fresh());
    }

    private void RequireOwn(int page)
    {
        PageOwnership entry = host.Ownership[page];
        if (!entry.IsAssigned || entry.Asid != MachineLayout.ColludingAsid)
        {
            throw new GuaranteeException($"the colluding guest used page {page} of ASID {entry.Asid}");
        }
    }
}
