using System.Collections.Generic;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>
/// The guest that the RMP is for. It validates each page once, takes CF = 1 and #VC for an attack and then leaves the page alone, and does
/// not see nested page faults: they are the hypervisor's to answer, and until then the access has not happened.
/// </summary>
/// <remarks>Each thing that it does and that is not stopped is held against what the guest knows: that is the guarantee.</remarks>
internal sealed partial class VictimGuest
{
    private readonly SimulatedHost _host;
    private readonly GuestPage[][] _regions = new GuestPage[MachineLayout.PrivateRegions][];

    public VictimGuest(SimulatedHost host)
    {
        _host = host;
        for (int region = 0; region < _regions.Length; region++)
        {
            List<GuestPage> pages = [];
            foreach (int offset in MachineLayout.HotOffsets) pages.Add(new GuestPage((region * MachineLayout.PagesPerRegion) + offset));
            _regions[region] = [.. pages];
        }
    }

    /// <summary>Whether an attack has been detected on every page, so that no page is left to test.</summary>
    public bool HasGivenUp
    {
        get
        {
            foreach (GuestPage[] region in _regions)
            {
                foreach (GuestPage page in region)
                {
                    if (page.State != GuestPageState.Lost) return false;
                }
            }

            return true;
        }
    }

    public void Move()
    {
        GuestPage page = AnyPage();
        int kind = _host.Random.Next(100);
        if (kind < 3) WriteShared();
        else if (page.State == GuestPageState.Fresh) MoveWithFresh(page, kind);
        else if (page.State == GuestPageState.Valid) MoveWithValid(page, kind);
    }

    /// <summary>A page worth an attack: mostly one in use.</summary>
    public int AnyUsed()
    {
        GuestPage page = PageOf(_host.AnyGuestPage());
        for (int attempt = 0; attempt < 6 && page.State != GuestPageState.Valid; attempt++) page = PageOf(_host.AnyGuestPage());
        return page.Number;
    }

    /// <summary>Gives a page back that the guest has.</summary>
    public void GiveBack(int guestPage)
    {
        GuestPage page = PageOf(guestPage);
        if (page.State == GuestPageState.Valid) Rescind4K(page);
    }

    /// <summary>Uses a page if it is the guest's, which an attack has to leave intact. A page that is not has to be inaccessible.</summary>
    public void Use(int guestPage)
    {
        GuestPage page = PageOf(guestPage);
        if (page.State == GuestPageState.Valid) Access(page);
        else if (page.State == GuestPageState.Fresh) TouchFresh(page);
    }

    /// <summary>Asks for a page if the guest has not done so yet.</summary>
    public void Want(int guestPage)
    {
        GuestPage page = PageOf(guestPage);
        if (page.State == GuestPageState.Fresh) Validate4K(page);
        if (page.State == GuestPageState.Valid) Write(page);
    }

    /// <summary>Asks for a whole region if the guest has no page of it yet.</summary>
    public void WantRegion(int guestRegion)
    {
        Validate2M(guestRegion);
        foreach (GuestPage page in _regions[guestRegion])
        {
            if (page.State == GuestPageState.Valid) Write(page);
        }
    }

    private void MoveWithFresh(GuestPage page, int kind)
    {
        if (kind < 60) Validate4K(page);
        else if (kind < 80) Validate2M(MachineLayout.RegionOf(page.Number));
        else TouchFresh(page);
    }

    private void MoveWithValid(GuestPage page, int kind)
    {
        if (kind < 75) Access(page);
        else if (kind < 85) Adjust(page);
        else if (kind < 88) AdjustAboveVmpl0(page);
        else if (kind < 94) Query(page);
        else if (kind < 95) ValidateAboveVmpl0(page);
        else if (kind < 97) Rescind4K(page);
        else if (kind < 98) Rescind2M(MachineLayout.RegionOf(page.Number));
        else Write(page);
    }

    /// <summary>A page that the guest still cares for, if a few tries find one.</summary>
    private GuestPage AnyPage()
    {
        GuestPage page = PageOf(_host.AnyGuestPage());
        for (int attempt = 0; attempt < 4 && page.State == GuestPageState.Lost; attempt++) page = PageOf(_host.AnyGuestPage());
        return page;
    }

    private GuestPage PageOf(int guestPage)
    {
        GuestPage[] region = _regions[MachineLayout.RegionOf(guestPage)];
        foreach (GuestPage page in region)
        {
            if (page.Number == guestPage) return page;
        }

        return region[0];
    }

    private bool TryTranslate(int guestPage, out int page, out PageSize size)
    {
        bool isMapped = _host.Nested.TryTranslate(guestPage, out page, out size);
        if (!isMapped) _host.Events.Add(SimulationEvent.Unmapped);
        return isMapped;
    }

    /// <summary>A fault that the guest does not see, or an exception that reports it.</summary>
    private void Stopped(GuestPage page, GuestResult result, SimulationEvent fault)
    {
        if (result.Fault == RmpFault.PageNotValidated)
        {
            page.State = GuestPageState.Lost;
            _host.Events.Add(SimulationEvent.ReportedByException);
            return;
        }

        if (result.Fault != RmpFault.NestedPageFault) throw new GuaranteeException($"{result} for page {page.Number} of the guest");
        _host.Events.Add(fault);
    }
}
