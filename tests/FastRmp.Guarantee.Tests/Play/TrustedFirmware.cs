using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Guarantee.Tests.Play;

/// <summary>
/// The SEV firmware: it does what the hypervisor commands, by its rules, and moves contents with pages. Its own pages hold what it wrote.
/// </summary>
internal sealed class TrustedFirmware
{
    /// <summary>Where a guest's context stands while a command needs it; the hypervisor never learns of it.</summary>
    private static readonly PhysicalAddress[] ContextPages = [Board.Spa(0x10A), Board.Spa(0x10B), Board.Spa(0x10C)];

    private static readonly RmpEntry ContextEntry = new(0xA000_0000_0000_0005, 0);

    private readonly World _world;
    private readonly SevFirmware<ContiguousGeometry> _firmware;
    private readonly Dictionary<int, ulong> _written = [];
    private readonly List<SwapTicket> _tickets = [];
    private RmpEntry _lent;

    public TrustedFirmware(World world)
    {
        _world = world;
        _firmware = new SevFirmware<ContiguousGeometry>(world.Table);
        _firmware.Platform = _firmware.Platform with { IsSnpInitialized = true, IsRmpInitialized = true };
    }

    /// <summary>Any command on any page.</summary>
    public void Move()
    {
        int page = _world.AnyPage();
        switch (_world.Random.Next(8))
        {
            case 0:
                Move(page, _world.AnyPage());
                break;
            case 1:
                SwapOut(page);
                break;
            case 2:
                SwapIn(page);
                break;
            case 3 or 4:
                Write(page);
                break;
            case 5:
                Read();
                break;
            default:
                Reclaim(page);
                break;
        }
    }

    public void Reclaim(int page)
    {
        PageSize size = _world.Ledger.IsLarge(page) ? PageSize.Size2M : PageSize.Size4K;
        if (size == PageSize.Size2M) page = Board.FirstOf(page);
        if (!_world.Ledger[page].IsImmutable || _firmware.PageReclaim(Board.Spa(page), size) != FirmwareStatus.Success) return;
        _world.Ledger.Change(page, isImmutable: false);
        _written.Remove(page);
        _world.Tally.Add(Happening.Reclaimed);
    }

    /// <summary>Moves a small page of a guest with what is in it.</summary>
    public bool Move(int source, int destination)
    {
        RmpEntry entry = _world.Table.Lookup(Board.Spa(source)).Entry;
        if (entry.Asid == 0 || !Moves(entry.Asid, source, destination)) return false;
        _world.Memory.Write(destination, _world.Memory[source]);
        _world.Ledger.Change(source, isImmutable: false);
        _world.Ledger.Change(destination, isImmutable: false);
        _world.Ledger.Rename(destination, entry.Gpa.Value);
        _world.Tally.Add(Happening.Moved);
        return true;
    }

    public void SwapOut(int page)
    {
        RmpEntry entry = _world.Table.Lookup(Board.Spa(page)).Entry;
        if (entry.Asid == 0 || !SwapsOut(entry, page, out MetadataEntry metadata)) return;
        _tickets.Add(new SwapTicket(entry.Asid, _world.Memory[page], metadata));
        _world.Memory.Write(page, _world.Memory.Fresh());
        _world.Tally.Add(Happening.SwappedOut);
    }

    /// <summary>Brings a page back that was swapped out, once.</summary>
    public void SwapIn(int page)
    {
        if (_tickets.Count == 0) return;
        int which = _world.Random.Next(_tickets.Count);
        SwapTicket ticket = _tickets[which];
        if (_world.Table.Lookup(Board.Spa(page)).Entry.Asid != ticket.Asid) return;
        if (!SwapsIn(ticket, page)) return;
        _tickets.RemoveAt(which);
        _world.Memory.Write(page, ticket.Content);
        _world.Ledger.Rename(page, ticket.Metadata.GuestPage * 0x1000);
        _world.Tally.Add(Happening.SwappedIn);
    }

    public void Unsmash(int page)
    {
        if (_firmware.PageUnsmash(Board.Spa(page)) != FirmwareStatus.Success) return;
        _world.Ledger.Unsmash(page);
        _world.Tally.Add(Happening.Unsmashed);
    }

    /// <summary>Firmware writes where the hypervisor tells it to, if that is a page for it.</summary>
    public void Write(int page)
    {
        if (!RmpCheck.FirmwareBuffer(_world.Table, Board.Spa(page))) return;
        LedgerPage entry = _world.Ledger[page];
        bool isCovered = Board.RegionOf(page) < Board.CoveredRegions;
        if (isCovered && (!entry.IsAssigned || entry.Asid != 0))
        {
            throw new GuaranteeException($"firmware was made to write to page {page} of ASID {entry.Asid}");
        }

        ulong content = _world.Memory.Fresh();
        _world.Memory.Write(page, content);
        if (isCovered) _written[page] = content;
        _world.Tally.Add(Happening.FirmwareWrite);
    }

    /// <summary>Firmware's own pages hold what it wrote.</summary>
    public void Read()
    {
        foreach ((int own, ulong content) in _written)
        {
            if (_world.Memory[own] != content) throw new GuaranteeException($"page {own} does not hold what firmware wrote last");
            _world.Tally.Add(Happening.FirmwareRead);
        }
    }

    private bool Moves(uint asid, int source, int destination)
    {
        ulong context = Lend(asid, default, source, destination);
        FirmwareStatus status = _firmware.PageMove(
            new PageTransferParameters
            {
                GuestContext = context,
                Source = Board.Spa(source).Value,
                Destination = Board.Spa(destination).Value,
            });
        _ = TakeBack(context);
        return status == FirmwareStatus.Success;
    }

    private bool SwapsOut(RmpEntry entry, int page, out MetadataEntry metadata)
    {
        ulong context = Lend(entry.Asid, default, page, page);
        FirmwareStatus status = _firmware.SwapOut(new PageTransferParameters
        {
            GuestContext = context,
            Source = Board.Spa(page).Value,
            Destination = Elsewhere,
            Type = entry.Vmsa ? SwapPageType.Vmsa : SwapPageType.Data,
            IsRoot = true,
        });
        metadata = TakeBack(context);
        return status == FirmwareStatus.Success;
    }

    private bool SwapsIn(SwapTicket ticket, int page)
    {
        ulong context = Lend(ticket.Asid, ticket.Metadata, page, page);
        FirmwareStatus status = _firmware.SwapIn(new PageTransferParameters
        {
            GuestContext = context,
            Source = Elsewhere,
            Destination = Board.Spa(page).Value,
            Type = ticket.Metadata.IsVmsa ? SwapPageType.Vmsa : SwapPageType.Data,
            IsRoot = true,
        });
        _ = TakeBack(context);
        return status == FirmwareStatus.Success;
    }

    /// <summary>A page without an entry, where sealed pages lie.</summary>
    private static ulong Elsewhere => Board.Spa(Board.Pages).Value;

    /// <summary>Makes the context of a running guest, in a page that the command does not touch.</summary>
    private ulong Lend(uint asid, MetadataEntry root, int first, int second)
    {
        int which = 0;
        while (ContextPages[which] == Board.Spa(first) || ContextPages[which] == Board.Spa(second)) which++;
        PhysicalAddress page = ContextPages[which];
        _ = _world.Table.TryReadRaw(page, out _lent);
        _world.Table.TryWriteRaw(page, ContextEntry);
        _firmware.SetGuestContext(
            page,
            new GuestContext
            {
                State = GuestState.Running,
                Asid = asid,
                Flags = GuestFlags.Active | GuestFlags.EncryptedState,
                CoreComplexes = 1,
                Root = root,
            });
        return page.Value;
    }

    /// <summary>The page is again what it was.</summary>
    /// <returns>The metadata entry that the context has by now.</returns>
    private MetadataEntry TakeBack(ulong context)
    {
        PhysicalAddress page = PhysicalAddress.Create(context);
        _world.Table.TryWriteRaw(page, _lent);
        _ = _firmware.TryGetGuestContext(page, out GuestContext content);
        return content.Root;
    }
}
