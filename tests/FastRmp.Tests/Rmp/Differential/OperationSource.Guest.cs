namespace FastRmp.Tests.Rmp.Differential;

/// <content>Instructions and accesses of guests and other actors.</content>
internal sealed partial class OperationSource
{
    private Operation Validate()
    {
        Operation operation = GuestInstruction(OperationKind.Validate) with { Flag = _random.Next(100) < 70 };
        return OneIn(40) ? operation with { State = operation.State with { Vmpl = (byte)_random.Next(4) } } : operation;
    }

    private Operation Adjust()
    {
        Operation operation = GuestInstruction(OperationKind.Adjust);
        byte vmpl = OneIn(2) ? (byte)0 : (byte)_random.Next(3);
        ulong target = OneIn(20) ? (ulong)_random.Next(256) : (ulong)_random.Next(vmpl + 1, 4);
        ulong mask = OneIn(2) ? (ulong)(_random.Next(32) & (int)Attributes(operation.Spa, out _).PermissionsOf(vmpl)) : Mask();
        ulong operand = target | mask << 8 | (OneIn(3) ? 0x1_0000UL : 0) | (OneIn(60) ? 1UL << _random.Next(17, 64) : 0);
        return operation with { State = operation.State with { Vmpl = vmpl }, Low = operand };
    }

    private Operation Query()
    {
        Operation operation = GuestInstruction(OperationKind.Query);
        byte vmpl = (byte)_random.Next(4);
        byte target = OneIn(20) ? (byte)_random.Next(256) : (byte)_random.Next(4);
        return operation with { State = operation.State with { Vmpl = vmpl }, Which = target };
    }

    /// <summary>An instruction that fits the page: its guest, its address, its size; then perhaps one mistake.</summary>
    private Operation GuestInstruction(OperationKind kind)
    {
        ulong page = Page(static entry => (entry.Low & Assigned) != 0 && entry.Asid != 0);
        RmpEntry entry = Attributes(page, out bool isLarge);
        PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
        if (isLarge && OneIn(2)) page &= ~RegionMask;
        if (isLarge && (page & RegionMask) != 0 && OneIn(2)) size = PageSize.Size4K;
        ulong offset = OneIn(4) ? (ulong)_random.Next(0x1000) : 0;
        Operation fitting = new(kind, page + offset)
        {
            State = ExecutionState.Guest(entry.Asid),
            Gpa = GpaOf(page, entry, isLarge) + offset,
            Size = size,
            Mapping = isLarge ? (PageSize)_random.Next(1, 3) : PageSize.Size4K,
        };
        return _random.Next(36) switch
        {
            0 => fitting with { State = fitting.State with { Asid = (uint)_random.Next(4) } },
            1 => fitting with { State = fitting.State with { Cpl = (byte)_random.Next(4) } },
            2 => fitting with { State = fitting.State with { IsSnpGuest = false } },
            3 => fitting with { State = fitting.State with { SnpEnabled = false } },
            4 => fitting with { State = fitting.State with { Is64BitMode = false } },
            5 => fitting with { Gpa = GuestPhysicalAddress.Truncate(Gpa(isLarge)).Value },
            6 => fitting with { Spa = Page() },
            7 or 8 => fitting with { Size = (PageSize)_random.Next(2) },
            9 or 10 => fitting with { Mapping = (PageSize)_random.Next(3) },
            11 => fitting with { Gpa = fitting.Gpa ^ 1UL << _random.Next(12, 52) },
            _ => fitting,
        };
    }

    /// <summary>The guest physical address of a page by the RMP.</summary>
    private static ulong GpaOf(ulong page, RmpEntry entry, bool isLarge) =>
        GuestPhysicalAddress.Truncate(entry.Gpa.Value + (isLarge ? page & RegionMask : 0)).Value;

    private Operation Guest()
    {
        Operation page = GuestInstruction(OperationKind.Guest);
        ExecutionState state = page.State with { Vmpl = (byte)_random.Next(4), Cpl = (byte)_random.Next(4), IsSnpGuest = !OneIn(8) };
        if (state.Asid == 0) state = state with { Asid = 1 };
        return page with { State = state, Which = (byte)_random.Next(6), Flag = !OneIn(4) };
    }

    private Operation Host() => new(OperationKind.Host, Page() + (ulong)_random.Next(0x1000))
    {
        Which = (byte)(OneIn(3) ? (AccessKind)_random.Next(3) : AccessKind.Write),
        Mapping = (PageSize)_random.Next(3),
        Flag = OneIn(2),
    };

    private Operation OtherAccess() => new(
        _random.Next(3) switch { 0 => OperationKind.Device, 1 => OperationKind.IommuLog, _ => OperationKind.FirmwareBuffer }, Page())
    {
        Mapping = (PageSize)_random.Next(3),
    };

    private Operation VmRun()
    {
        ulong page = OneIn(2) ? Page(static entry => (entry.Low & Assigned) != 0) : Page();
        RmpEntry entry = _models.Entry(page);
        VmRunPage kind = entry.Vmsa || OneIn(3) ? VmRunPage.SnpVmsa : (VmRunPage)_random.Next(5);
        return new Operation(OperationKind.VmRun, page)
        {
            State = ExecutionState.Guest(OneIn(8) ? (uint)_random.Next(1, 4) : entry.Asid),
            Gpa = OneIn(8) ? 0x1000UL : entry.Gpa.Value,
            Which = (byte)kind,
            Flag = OneIn(4),
        };
    }

    /// <summary>A mark that is soon taken back, so that pages do not stay in use.</summary>
    private Operation InUse()
    {
        ulong page = OneIn(2) ? Page() & ~RegionMask : Page();
        if (!OneIn(4)) return new Operation(OperationKind.InUse, page);
        _due.Enqueue(new Operation(OperationKind.Host, page) { Which = (byte)AccessKind.Write, Mapping = (PageSize)_random.Next(3) });
        _due.Enqueue(Assign(large: OneIn(2)) with { Spa = page });
        _due.Enqueue(Smash() with { Spa = page });
        return new Operation(OperationKind.InUse, page) { Flag = true };
    }
}
