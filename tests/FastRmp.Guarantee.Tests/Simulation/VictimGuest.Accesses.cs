namespace FastRmp.Guarantee.Tests.Simulation;

/// <content>Reading and writing.</content>
internal sealed partial class VictimGuest
{
    private const int AccessKinds = (int)GuestAccessKind.ShadowStackWrite + 1;

    private void Access(GuestPage page)
    {
        GuestAccessKind kind = _host.Chance(50) ? GuestAccessKind.Read : (GuestAccessKind)_host.Random.Next(AccessKinds);
        int vmpl = _host.Chance(60) ? 0 : _host.Random.Next(GuestPage.Vmpls);
        Access(page, kind, vmpl);
    }

    private void Write(GuestPage page) => Access(page, GuestAccessKind.Write, vmpl: 0);

    private void Access(GuestPage page, GuestAccessKind kind, int vmpl)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        int cpl = _host.Random.Next(4);

        // Of a fetch and of a walk through the guest's own tables the processor ignores the C-bit.
        bool isPrivate = kind is not (GuestAccessKind.Fetch or GuestAccessKind.PageTable) || _host.Chance(50);
        GuestAccess access = new(MachineLayout.VictimAsid, (byte)vmpl, (byte)cpl, kind, isPrivate);
        GuestResult result = RmpCheck.Guest(_host.Table, access, NestedMap.Translation(page.Number, target, size, _host.AnyByte()));
        if (!result.IsSuccess)
        {
            Stopped(page, result, result.ExitInfo1.Vmpl ? SimulationEvent.VmplFault : SimulationEvent.NestedFault);
            return;
        }

        VmplPermissions needed = Needed(kind, cpl);
        if ((page.Granted[vmpl] & needed) != needed)
        {
            throw new GuaranteeException(
                $"{kind} of page {page.Number} of the guest passed at VMPL {vmpl}, which has {page.Granted[vmpl]}");
        }

        Passed(page, kind, target);
        if (size != PageSize.Size4K) RequireRest(page.Number, target);
    }

    private void Passed(GuestPage page, GuestAccessKind kind, int target)
    {
        EventCounts events = _host.Events;
        bool isWrite = kind is GuestAccessKind.Write or GuestAccessKind.ShadowStackWrite;
        if (!isWrite && page.Written != 0)
        {
            RequireWritten(page, target);
            events.Add(SimulationEvent.ReadChecked);
            if (target != page.ValidatedAt) events.Add(SimulationEvent.ReadCheckedElsewhere);
        }

        if (isWrite || kind == GuestAccessKind.PageTable)
        {
            page.Written = _host.Memory.Fresh();
            _host.Memory.Write(target, page.Written);
        }

        switch (kind)
        {
            case GuestAccessKind.Write:
                events.Add(SimulationEvent.Written);
                break;
            case GuestAccessKind.Fetch:
                events.Add(SimulationEvent.Fetched);
                break;
            case GuestAccessKind.PageTable:
                events.Add(SimulationEvent.TableUsed);
                break;
            case GuestAccessKind.ShadowStackRead or GuestAccessKind.ShadowStackWrite:
                events.Add(SimulationEvent.ShadowStackUsed);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// A large mapping that has passed may stay in the TLB as a whole: the guest's next accesses to the same 2 MiB are not checked.
    /// </summary>
    private void RequireRest(int guestPage, int target)
    {
        _host.Events.Add(SimulationEvent.LargeMappingUsed);
        foreach (GuestPage page in _regions[MachineLayout.RegionOf(guestPage)])
        {
            if (page.State == GuestPageState.Valid && page.Written != 0)
            {
                RequireWritten(page, MachineLayout.FirstOf(target) + (page.Number % MachineLayout.PagesPerRegion));
            }
        }
    }

    private void RequireWritten(GuestPage page, int target)
    {
        if (_host.Memory[target] != page.Written)
        {
            throw new GuaranteeException(
                $"page {page.Number} of the guest does not hold what the guest wrote last, but what is in page {target}");
        }
    }

    /// <summary>The guest writes to memory that it shares, and the hypervisor says where that is.</summary>
    private void WriteShared()
    {
        int guestPage = (MachineLayout.PrivateRegions * MachineLayout.PagesPerRegion) + _host.HotOffset();
        if (!TryTranslate(guestPage, out int target, out PageSize size)) return;
        GuestAccess access = new(MachineLayout.VictimAsid, 0, 0, GuestAccessKind.Write, IsPrivate: false);
        if (!RmpCheck.Guest(_host.Table, access, NestedMap.Translation(guestPage, target, size)).IsSuccess)
        {
            _host.Events.Add(SimulationEvent.SharedWriteFault);
            return;
        }

        _host.Events.Add(SimulationEvent.SharedWrite);
        _host.Memory.Write(size == PageSize.Size4K ? target : MachineLayout.FirstOf(target) + _host.HotOffset(), _host.Memory.Fresh());
    }

    private static VmplPermissions Needed(GuestAccessKind kind, int cpl) => kind switch
    {
        GuestAccessKind.Read => VmplPermissions.Read,
        GuestAccessKind.Fetch => cpl == 3 ? VmplPermissions.ExecuteUser : VmplPermissions.ExecuteSupervisor,
        GuestAccessKind.ShadowStackRead or GuestAccessKind.ShadowStackWrite => VmplPermissions.SupervisorShadowStack,
        _ => VmplPermissions.Read | VmplPermissions.Write,
    };
}
