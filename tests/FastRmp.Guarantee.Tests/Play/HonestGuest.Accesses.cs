namespace FastRmp.Guarantee.Tests.Play;

/// <content>Reading and writing.</content>
internal sealed partial class HonestGuest
{
    private const int AccessKinds = (int)GuestAccessKind.ShadowStackWrite + 1;

    private void Access(GuestPage page)
    {
        GuestAccessKind kind = _world.Chance(50) ? GuestAccessKind.Read : (GuestAccessKind)_world.Random.Next(AccessKinds);
        int vmpl = _world.Chance(60) ? 0 : _world.Random.Next(GuestPage.Vmpls);
        Access(page, kind, vmpl);
    }

    private void Write(GuestPage page) => Access(page, GuestAccessKind.Write, vmpl: 0);

    private void Access(GuestPage page, GuestAccessKind kind, int vmpl)
    {
        if (!TryTranslate(page.Number, out int target, out PageSize size)) return;
        int cpl = _world.Random.Next(4);

        // Of a fetch and of a walk through the guest's own tables the processor ignores the C-bit.
        bool isPrivate = kind is not (GuestAccessKind.Fetch or GuestAccessKind.PageTable) || _world.Chance(50);
        GuestAccess access = new(Board.VictimAsid, (byte)vmpl, (byte)cpl, kind, isPrivate);
        GuestResult result = RmpCheck.Guest(_world.Table, access, NestedMap.Translation(page.Number, target, size, _world.AnyByte()));
        if (!result.IsSuccess)
        {
            Stopped(page, result, result.ExitInfo1.Vmpl ? Happening.VmplFault : Happening.NestedFault);
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
        Tally tally = _world.Tally;
        bool isWrite = kind is GuestAccessKind.Write or GuestAccessKind.ShadowStackWrite;
        if (!isWrite && page.Written != 0)
        {
            RequireWritten(page, target);
            tally.Add(Happening.ReadChecked);
            if (target != page.ValidatedAt) tally.Add(Happening.ReadCheckedElsewhere);
        }

        if (isWrite || kind == GuestAccessKind.PageTable)
        {
            page.Written = _world.Memory.Fresh();
            _world.Memory.Write(target, page.Written);
        }

        switch (kind)
        {
            case GuestAccessKind.Write:
                tally.Add(Happening.Written);
                break;
            case GuestAccessKind.Fetch:
                tally.Add(Happening.Fetched);
                break;
            case GuestAccessKind.PageTable:
                tally.Add(Happening.TableUsed);
                break;
            case GuestAccessKind.ShadowStackRead or GuestAccessKind.ShadowStackWrite:
                tally.Add(Happening.ShadowStackUsed);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// A large mapping that has passed may stay in the TLB as a whole: nobody checks what the guest does next in the same 2 MiB.
    /// </summary>
    private void RequireRest(int guestPage, int target)
    {
        _world.Tally.Add(Happening.LargeMappingUsed);
        foreach (GuestPage page in _regions[Board.RegionOf(guestPage)])
        {
            if (page.Trust == Trust.Valid && page.Written != 0)
            {
                RequireWritten(page, Board.FirstOf(target) + (page.Number % Board.PagesPerRegion));
            }
        }
    }

    private void RequireWritten(GuestPage page, int target)
    {
        if (_world.Memory[target] != page.Written)
        {
            throw new GuaranteeException(
                $"page {page.Number} of the guest does not hold what the guest wrote last, but what is in page {target}");
        }
    }

    /// <summary>The guest writes to memory that it shares, and the hypervisor says where that is.</summary>
    private void WriteShared()
    {
        int guestPage = (Board.PrivateRegions * Board.PagesPerRegion) + _world.HotOffset();
        if (!TryTranslate(guestPage, out int target, out PageSize size)) return;
        GuestAccess access = new(Board.VictimAsid, 0, 0, GuestAccessKind.Write, IsPrivate: false);
        if (!RmpCheck.Guest(_world.Table, access, NestedMap.Translation(guestPage, target, size)).IsSuccess)
        {
            _world.Tally.Add(Happening.SharedWriteFault);
            return;
        }

        _world.Tally.Add(Happening.SharedWrite);
        _world.Memory.Write(size == PageSize.Size4K ? target : Board.FirstOf(target) + _world.HotOffset(), _world.Memory.Fresh());
    }

    private static VmplPermissions Needed(GuestAccessKind kind, int cpl) => kind switch
    {
        GuestAccessKind.Read => VmplPermissions.Read,
        GuestAccessKind.Fetch => cpl == 3 ? VmplPermissions.ExecuteUser : VmplPermissions.ExecuteSupervisor,
        GuestAccessKind.ShadowStackRead or GuestAccessKind.ShadowStackWrite => VmplPermissions.SupervisorShadowStack,
        _ => VmplPermissions.Read | VmplPermissions.Write,
    };
}
