using System.Collections.Generic;
using FastRmp.Firmware;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>
/// The SEV firmware: it does what the hypervisor commands, by its rules, and moves contents with pages. Its own pages hold what it wrote.
/// </summary>
internal sealed class TrustedFirmware
{
    /// <summary>Where a guest's context stands while a command needs it; the hypervisor never learns of it.</summary>
    private static readonly PhysicalAddress[] ContextPages = [MachineLayout.Spa(0x10A), MachineLayout.Spa(0x10B), MachineLayout.Spa(0x10C)];

    private static readonly RmpEntry ContextEntry = new(0xA000_0000_0000_0005, 0);

    private readonly SimulatedHost _host;
    private readonly SevFirmware<ContiguousGeometry> _firmware;
    private readonly Dictionary<int, ulong> _written = [];
    private readonly List<SwappedOutPage> _tickets = [];
    private RmpEntry _lent;

    public TrustedFirmware(SimulatedHost host)
    {
        _host = host;
        _firmware = new SevFirmware<ContiguousGeometry>(host.Table);
        _firmware.Platform = _firmware.Platform with { IsSnpInitialized = true, IsRmpInitialized = true };
    }

    /// <summary>Any command on any page.</summary>
    public void Move()
    {
        int page = _host.AnyPage();
        switch (_host.Random.Next(8))
        {
            case 0:
                Move(page, _host.AnyPage());
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
        PageSize size = _host.Ownership.IsLarge(page) ? PageSize.Size2M : PageSize.Size4K;
        if (size == PageSize.Size2M) page = MachineLayout.FirstOf(page);
        if (!_host.Ownership[page].IsImmutable || _firmware.PageReclaim(MachineLayout.Spa(page), size) != FirmwareStatus.Success) return;
        _host.Ownership.Change(page, isImmutable: false);
        _written.Remove(page);
        _host.Events.Add(SimulationEvent.Reclaimed);
    }

    /// <summary>Moves a small page of a guest with what is in it.</summary>
    public bool Move(int source, int destination)
    {
        RmpEntry entry = _host.Table.Lookup(MachineLayout.Spa(source)).Entry;
        if (entry.Asid == 0 || !Moves(entry.Asid, source, destination)) return false;
        _host.Memory.Write(destination, _host.Memory[source]);
        _host.Ownership.Change(source, isImmutable: false);
        _host.Ownership.Change(destination, isImmutable: false);
        _host.Ownership.Rename(destination, entry.Gpa.Value);
        _host.Events.Add(SimulationEvent.Moved);
        return true;
    }

    public void SwapOut(int page)
    {
        RmpEntry entry = _host.Table.Lookup(MachineLayout.Spa(page)).Entry;
        if (entry.Asid == 0 || !SwapsOut(entry, page, out MetadataEntry metadata)) return;
        _tickets.Add(new SwappedOutPage(entry.Asid, _host.Memory[page], metadata));
        _host.Memory.Write(page, _host.Memory.Fresh());
        _host.Events.Add(SimulationEvent.SwappedOut);
    }

    /// <summary>Brings a page back that was swapped out, once.</summary>
    public void SwapIn(int page)
    {
        if (_tickets.Count == 0) return;
        int which = _host.Random.Next(_tickets.Count);
        SwappedOutPage ticket = _tickets[which];
        if (_host.Table.Lookup(MachineLayout.Spa(page)).Entry.Asid != ticket.Asid) return;
        if (!SwapsIn(ticket, page)) return;
        _tickets.RemoveAt(which);
        _host.Memory.Write(page, ticket.Content);
        _host.Ownership.Rename(page, ticket.Metadata.GuestPage * 0x1000);
        _host.Events.Add(SimulationEvent.SwappedIn);
    }

    public void Unsmash(int page)
    {
        if (_firmware.PageUnsmash(MachineLayout.Spa(page)) != FirmwareStatus.Success) return;
        _host.Ownership.Unsmash(page);
        _host.Events.Add(SimulationEvent.Unsmashed);
    }

    /// <summary>Firmware writes where the hypervisor's command says, if the page's state allows it.</summary>
    public void Write(int page)
    {
        if (!RmpCheck.FirmwareBuffer(_host.Table, MachineLayout.Spa(page))) return;
        PageOwnership entry = _host.Ownership[page];
        bool isCovered = MachineLayout.RegionOf(page) < MachineLayout.CoveredRegions;
        if (isCovered && (!entry.IsAssigned || entry.Asid != 0))
        {
            throw new GuaranteeException($"firmware was made to write to page {page} of ASID {entry.Asid}");
        }

        ulong content = _host.Memory.Fresh();
        _host.Memory.Write(page, content);
        if (isCovered) _written[page] = content;
        _host.Events.Add(SimulationEvent.FirmwareWrite);
    }

    /// <summary>Firmware's own pages hold what it wrote.</summary>
    public void Read()
    {
        foreach ((int own, ulong content) in _written)
        {
            if (_host.Memory[own] != content) throw new GuaranteeException($"page {own} does not hold what firmware wrote last");
            _host.Events.Add(SimulationEvent.FirmwareRead);
        }
    }

    private bool Moves(uint asid, int source, int destination)
    {
        ulong context = Lend(asid, default, source, destination);
        FirmwareStatus status = _firmware.PageMove(
            new PageTransferParameters
            {
                GuestContext = context,
                Source = MachineLayout.Spa(source).Value,
                Destination = MachineLayout.Spa(destination).Value,
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
            Source = MachineLayout.Spa(page).Value,
            Destination = Elsewhere,
            Type = entry.Vmsa ? SwapPageType.Vmsa : SwapPageType.Data,
            IsRoot = true,
        });
        metadata = TakeBack(context);
        return status == FirmwareStatus.Success;
    }

    private bool SwapsIn(SwappedOutPage ticket, int page)
    {
        ulong context = Lend(ticket.Asid, ticket.Metadata, page, page);
        FirmwareStatus status = _firmware.SwapIn(new PageTransferParameters
        {
            GuestContext = context,
            Source = Elsewhere,
            Destination = MachineLayout.Spa(page).Value,
            Type = ticket.Metadata.IsVmsa ? SwapPageType.Vmsa : SwapPageType.Data,
            IsRoot = true,
        });
        _ = TakeBack(context);
        return status == FirmwareStatus.Success;
    }

    /// <summary>A page without an entry, which holds encrypted pages.</summary>
    private static ulong Elsewhere => MachineLayout.Spa(MachineLayout.Pages).Value;

    /// <summary>Makes the context of a running guest, in a page that the command does not touch.</summary>
    private ulong Lend(uint asid, MetadataEntry root, int first, int second)
    {
        int which = 0;
        while (ContextPages[which] == MachineLayout.Spa(first) || ContextPages[which] == MachineLayout.Spa(second)) which++;
        PhysicalAddress page = ContextPages[which];
        _ = _host.Table.TryReadRaw(page, out _lent);
        _host.Table.TryWriteRaw(page, ContextEntry);
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
        _host.Table.TryWriteRaw(page, _lent);
        _ = _firmware.TryGetGuestContext(page, out GuestContext content);
        return content.Root;
    }
}
