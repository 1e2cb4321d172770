namespace FastRmp.Tests.Rmp.Differential;

/// <content>Firmware's commands, and raw writes of entries that no operation here leaves.</content>
internal sealed partial class OperationSource
{
    /// <summary>A command that fits the state of a page, most of the time.</summary>
    private Operation FirmwareCommand()
    {
        ulong page = Page(static entry => (entry.Low & Immutable) != 0);
        RmpEntry entry = Attributes(page, out bool isLarge);
        if (isLarge && !OneIn(8)) page &= ~RegionMask;
        PageState state = OneIn(12) ? (PageState)_random.Next(13) : entry.State;
        PageSize size = OneIn(16) ? (PageSize)_random.Next(2) : isLarge ? PageSize.Size2M : PageSize.Size4K;
        Operation none = new(OperationKind.State, OneIn(40) ? page + (ulong)_random.Next(0x1000) : page) { Size = size };
        return state switch
        {
            PageState.Firmware => OfFirmwarePage(none),
            PageState.FirmwareIommu =>
                OneIn(200) ? SnpInit() : none with { Kind = OneIn(4) ? OperationKind.Shutdown : OperationKind.IommuLog, Flag = OneIn(2) },
            PageState.Context =>
                OneIn(2)
                    ? Decommission(none)
                    : none with { Kind = OperationKind.Activate, Flag = OneIn(2), Other = none.Spa, State = ExecutionState.Guest(Asid()) },
            PageState.Metadata => _random.Next(3) switch
            {
                0 => none with { Kind = OperationKind.SwapOut },
                1 => none with { Kind = OperationKind.PageMove, Other = Page(static other => (other.Low & Immutable) != 0) },
                _ => none with { Kind = OperationKind.PageReclaim },
            },
            PageState.PreGuest or PageState.PreSwap => OfGuestPage(none),
            PageState.GuestInvalid or PageState.GuestValid when OneIn(3) =>
                none with { Kind = OperationKind.PageUnsmash, Spa = none.Spa & ~RegionMask },
            PageState.Reclaim => none with { Kind = OperationKind.PageReclaim },
            _ =>
                none with
                {
                    Kind = (OperationKind)_random.Next((int)OperationKind.GctxCreate, (int)OperationKind.Shutdown),
                    Other = Page(),
                    Low = 512,
                },
        };
    }

    private Operation SnpInit() => new(OperationKind.SnpInit, Page()) { Other = Page() };

    private Operation Decommission(Operation page) => page with { Kind = OperationKind.Decommission };

    private Operation OfFirmwarePage(Operation page) => _random.Next(8) switch
    {
        0 or 1 => page with { Kind = OperationKind.GctxCreate },
        2 =>
            page with { Kind = OperationKind.PageSetState, Spa = page.Spa & ~RegionMask, Low = OneIn(4) ? (ulong)_random.Next(2048) : 512 },
        3 or 4 => page with { Kind = OperationKind.PageReclaim },
        5 => page with { Kind = OperationKind.SwapInMetadata, Other = Context() },
        _ => page with { Kind = OperationKind.MdInit, Other = Context() },
    };

    private Operation OfGuestPage(Operation page) => _random.Next(10) switch
    {
        0 or 1 => page with { Kind = OperationKind.LaunchUpdate, IsVmsa = OneIn(4), High = Masks() },
        2 or 3 => page with { Kind = OperationKind.SwapOut },
        4 => page with
        {
            Kind = OperationKind.SwapIn,
            Gpa = GuestPhysicalAddress.Truncate(Gpa(page.Size != PageSize.Size4K)).Value & (OneIn(20) ? ulong.MaxValue : ~0xFFFUL),
            Flag = OneIn(2),
            IsVmsa = OneIn(4),
            High = Masks(),
        },
        5 or 6 =>
            page with { Kind = OperationKind.PageMove, Other = Page(static other => (other.Low & Immutable) != 0 && other.Asid != 0) },
        7 => page with { Kind = OperationKind.PageUnsmash, Spa = page.Spa & ~RegionMask },
        _ => page with { Kind = OperationKind.PageReclaim },
    };

    private ulong Context() => Page(static entry => entry.State == PageState.Context);

    private ulong Masks()
    {
        ulong masks = 0;
        for (int i = 0; i < 4; i++)
        {
            masks = masks << 8 | (OneIn(60) ? (ulong)_random.Next(256) : (ulong)_random.Next(32));
        }

        return masks;
    }

    /// <summary>HV_Fixed and back, an IOMMU's page, a lock or a frozen base; the last two are put back before long.</summary>
    private Operation Poke()
    {
        PokeKind kind = _random.Next(5) switch { 0 => PokeKind.Fix, 1 or 2 => PokeKind.Iommu, 3 => PokeKind.Lock, _ => PokeKind.Freeze };
        ulong page = kind == PokeKind.Iommu ? Page(static entry => entry.State == PageState.Firmware) : Page();
        if (kind == PokeKind.Freeze) page &= ~RegionMask;
        Operation poke = new(OperationKind.Poke, page) { Which = (byte)kind, State = ExecutionState.Guest(_models.Entry(page).Asid) };
        if (kind is PokeKind.Lock or PokeKind.Freeze) Around(poke);
        return poke;
    }

    /// <summary>Operations on a page and around it while it is held, and then what it was.</summary>
    private void Around(Operation poke)
    {
        foreach (ulong page in new[] { poke.Spa, poke.Spa & ~RegionMask, poke.Spa ^ ModelPair.PageBytes })
        {
            _due.Enqueue(new Operation(OperationKind.Smash, page & ~RegionMask));
            _due.Enqueue(Update(page, Operands.Release(PageSize.Size2M)));
            _due.Enqueue(new Operation(OperationKind.State, page));
            _due.Enqueue(new Operation(OperationKind.Host, page) { Which = 1, Mapping = (PageSize)_random.Next(3) });
            _due.Enqueue(new Operation(OperationKind.Read, page));
            RmpEntry entry = Attributes(page, out bool isLarge);
            PageSize size = isLarge ? PageSize.Size2M : PageSize.Size4K;
            Operation guest = new(OperationKind.Validate, page)
            {
                State = ExecutionState.Guest(entry.Asid),
                Gpa = GpaOf(page, entry, isLarge),
                Size = size,
                Mapping = size,
            };
            if (page == poke.Spa) _due.Enqueue(guest);
            _due.Enqueue(guest with { Kind = OperationKind.Query });
            _due.Enqueue(guest with { Kind = OperationKind.Guest, Flag = true });
        }

        _due.Enqueue(Update(poke.Spa, Operands.Release()));
        _due.Enqueue(Update(poke.Spa, Operands.Assign(0x1000, 1)));
        _due.Enqueue(poke with { Which = (byte)(poke.Which + 1) });
    }
}
