using System.Collections.Generic;
using FastRmp.Access;
using FastRmp.Addressing;
using FastRmp.Firmware;
using FastRmp.Layouts;
using FastRmp.Rmp;

namespace FastRmp.Guarantee.Tests.Play;

/// <summary>The SEV firmware: it does what the hypervisor commands, by its rules, and moves contents with pages. Its own pages hold what it wrote.</summary>
internal sealed class TrustedFirmware(World world)
{
    private readonly SevFirmware<ContiguousGeometry> _firmware = new(world.Table);
    private readonly Dictionary<int, ulong> _written = [];
    private readonly List<SwapTicket> _tickets = [];

    /// <summary>Any command on any page.</summary>
    public void Move()
    {
        int page = world.AnyPage();
        switch (world.Random.Next(8))
        {
            case 0:
                Move(page, world.AnyPage());
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
        PageSize size = world.Ledger.IsLarge(page) ? PageSize.Size2M : PageSize.Size4K;
        if (size == PageSize.Size2M) page = Board.FirstOf(page);
        if (!world.Ledger[page].IsImmutable || _firmware.PageReclaim(Board.Spa(page), size) != FirmwareStatus.Success) return;
        world.Ledger.Change(page, isImmutable: false);
        _written.Remove(page);
        world.Tally.Add(Happening.Reclaimed);
    }

    /// <summary>Moves a small page of a guest with what is in it.</summary>
    public bool Move(int source, int destination)
    {
        RmpEntry entry = world.Table.Lookup(Board.Spa(source)).Entry;
        if (entry.Asid == 0 || _firmware.PageMove(Board.Spa(source), Board.Spa(destination), PageSize.Size4K) != FirmwareStatus.Success) return false;
        world.Memory.Write(destination, world.Memory[source]);
        world.Ledger.Change(source, isImmutable: false);
        world.Ledger.Change(destination, isImmutable: false);
        world.Ledger.Rename(destination, entry.Gpa.Value);
        world.Tally.Add(Happening.Moved);
        return true;
    }

    public void SwapOut(int page)
    {
        RmpEntry entry = world.Table.Lookup(Board.Spa(page)).Entry;
        if (entry.Asid == 0 || _firmware.SwapOut(Board.Spa(page), PageSize.Size4K) != FirmwareStatus.Success) return;
        SwapInParameters sealedState = new(entry.Gpa, entry.Validated, entry.Vmsa, entry.Vmpl0Permissions, entry.Vmpl1Permissions, entry.Vmpl2Permissions, entry.Vmpl3Permissions);
        _tickets.Add(new SwapTicket(entry.Asid, world.Memory[page], sealedState));
        world.Memory.Write(page, world.Memory.Fresh());
        world.Tally.Add(Happening.SwappedOut);
    }

    /// <summary>Brings a page back that was swapped out, once.</summary>
    public void SwapIn(int page)
    {
        if (_tickets.Count == 0) return;
        int which = world.Random.Next(_tickets.Count);
        SwapTicket ticket = _tickets[which];
        if (world.Table.Lookup(Board.Spa(page)).Entry.Asid != ticket.Asid) return;
        if (_firmware.SwapIn(Board.Spa(page), PageSize.Size4K, ticket.Parameters) != FirmwareStatus.Success) return;
        _tickets.RemoveAt(which);
        world.Memory.Write(page, ticket.Content);
        world.Ledger.Rename(page, ticket.Parameters.Gpa.Value);
        world.Tally.Add(Happening.SwappedIn);
    }

    public void Unsmash(int page)
    {
        if (_firmware.PageUnsmash(Board.Spa(page)) != FirmwareStatus.Success) return;
        world.Ledger.Unsmash(page);
        world.Tally.Add(Happening.Unsmashed);
    }

    /// <summary>Firmware writes where the hypervisor tells it to, if that is a page for it.</summary>
    public void Write(int page)
    {
        if (!RmpCheck.FirmwareBuffer(world.Table, Board.Spa(page))) return;
        LedgerPage entry = world.Ledger[page];
        bool isCovered = Board.RegionOf(page) < Board.CoveredRegions;
        if (isCovered && (!entry.IsAssigned || entry.Asid != 0)) throw new GuaranteeException($"firmware was made to write to page {page} of ASID {entry.Asid}");
        ulong content = world.Memory.Fresh();
        world.Memory.Write(page, content);
        if (isCovered) _written[page] = content;
        world.Tally.Add(Happening.FirmwareWrite);
    }

    /// <summary>Firmware's own pages hold what it wrote.</summary>
    public void Read()
    {
        foreach ((int own, ulong content) in _written)
        {
            if (world.Memory[own] != content) throw new GuaranteeException($"page {own} does not hold what firmware wrote last");
            world.Tally.Add(Happening.FirmwareRead);
        }
    }
}
