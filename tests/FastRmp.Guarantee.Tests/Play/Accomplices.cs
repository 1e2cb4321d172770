namespace FastRmp.Guarantee.Tests.Play;

/// <summary>Who else works for the hypervisor: a second SNP guest, a guest without SNP, and devices.</summary>
internal sealed class Accomplices(World world)
{
    public void Move()
    {
        int page = world.AnyPage();
        int kind = world.Random.Next(10);
        if (kind < 3) Prepare(page, world.Ledger[page].Gpa);
        else if (kind < 6) Write(page, Board.GpaValue(world.AnyGuestPage()), (PageSize)world.Random.Next(3));
        else if (kind < 8) WriteFromPlainGuest(page);
        else WriteFromDevice(page);
    }

    /// <summary>The accomplice makes a page its own, with all rights for everybody, and writes to it.</summary>
    public void Prepare(int page, ulong gpa)
    {
        bool isLarge = world.Ledger.IsLarge(page);
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (isLarge)
        {
            page = Board.FirstOf(page);
            gpa = world.Ledger[page].Gpa;
        }

        ExecutionState kernel = ExecutionState.Guest(Board.AccompliceAsid);
        NestedPage where = new(GuestPhysicalAddress.Create(gpa), Board.Spa(page), size);
        GuestResult result = world.Table.PValidate(kernel, where, size, validate: true);
        if (result.IsSuccess)
        {
            RequireOwn(page);
            world.Tally.Add(Happening.AccompliceValidated);
        }

        RmpAdjustOperand all = new RmpAdjustOperand
        {
            TargetVmpl = (byte)world.Random.Next(1, 4),
            Permissions = GuestPage.All,
            Vmsa = world.Chance(30),
        };
        if (world.Table.RmpAdjust(kernel, where, size, all).IsSuccess) RequireOwn(page);
        Write(page, gpa, size);
    }

    private void Write(int page, ulong gpa, PageSize size)
    {
        GuestAccess access = new(
            Board.AccompliceAsid, (byte)world.Random.Next(4), 0, world.Chance(80) ? GuestAccessKind.Write : GuestAccessKind.PageTable,
            IsPrivate: world.Chance(80));
        NestedPage where = new(GuestPhysicalAddress.Create(gpa), Board.Spa(page), size);
        if (!RmpCheck.Guest(world.Table, access, where).IsSuccess)
        {
            world.Tally.Add(Happening.AccompliceFault);
            return;
        }

        if (world.Ledger[page].IsAssigned) RequireOwn(page);
        world.Tally.Add(Happening.AccompliceWrite);
        Scribble(page, size);
    }

    private void WriteFromPlainGuest(int page)
    {
        PageSize size = (PageSize)world.Random.Next(3);
        bool isTable = world.Chance(30);
        GuestAccess access = new(
            Board.PlainGuestAsid, 0, 3, isTable ? GuestAccessKind.PageTable : GuestAccessKind.Write, IsPrivate: world.Chance(30),
            IsSnpGuest: false);
        bool passes = RmpCheck.Guest(world.Table, access, NestedMap.Translation(world.AnyGuestPage(), page, size)).IsSuccess;
        if (passes) Scribble(page, isTable ? PageSize.Size4K : size);
        world.Tally.Add(passes ? Happening.PlainGuestWrite : Happening.PlainGuestFault);
    }

    private void WriteFromDevice(int page)
    {
        PageSize size = (PageSize)world.Random.Next(3);
        bool passes = RmpCheck.Device(world.Table, AccessKind.Write, Board.Spa(page), size);
        if (passes) Scribble(page, size);
        world.Tally.Add(passes ? Happening.DeviceWrite : Happening.DeviceFault);
    }

    /// <summary>Writes what a mapping that has passed lets one write.</summary>
    private void Scribble(int page, PageSize size)
    {
        if (size != PageSize.Size4K && world.Chance(50)) page = Board.FirstOf(page) + world.HotOffset();
        LedgerPage entry = world.Ledger[page];
        if (entry.IsAssigned && entry.Asid != Board.AccompliceAsid)
        {
            throw new GuaranteeException($"page {page} of ASID {entry.Asid} was written by an accomplice");
        }

        world.Memory.Write(page, world.Memory.Fresh());
    }

    private void RequireOwn(int page)
    {
        LedgerPage entry = world.Ledger[page];
        if (!entry.IsAssigned || entry.Asid != Board.AccompliceAsid)
        {
            throw new GuaranteeException($"the accomplice used page {page} of ASID {entry.Asid}");
        }
    }
}
