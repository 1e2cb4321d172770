using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>The nested page table of the guest: the hypervisor's alone, and it may map anything at any time.</summary>
internal sealed class NestedMap
{
    private const int None = -1;

    private readonly int[] _small = new int[MachineLayout.GuestPages];
    private readonly int[] _large = new int[MachineLayout.GuestRegions];
    private bool _isHuge;

    public NestedMap()
    {
        Array.Fill(_small, None);
        Array.Fill(_large, None);
    }

    /// <summary>Walks it.</summary>
    /// <returns>Whether the page is mapped.</returns>
    public bool TryTranslate(int guestPage, out int page, out PageSize size)
    {
        int large = _large[MachineLayout.RegionOf(guestPage)];
        size = _isHuge ? PageSize.Size1G : large != None ? PageSize.Size2M : PageSize.Size4K;
        page = _isHuge
            ? guestPage
            : large != None ? (large * MachineLayout.PagesPerRegion) + (guestPage % MachineLayout.PagesPerRegion) : _small[guestPage];
        return page != None;
    }

    /// <summary>The translation of one byte of a guest page.</summary>
    public static NestedPage Translation(int guestPage, int page, PageSize size, ulong offset = 0) =>
        new(MachineLayout.Gpa(guestPage, offset), MachineLayout.Spa(page, offset), size);

    public void MapSmall(int guestPage, int page)
    {
        _isHuge = false;
        _large[MachineLayout.RegionOf(guestPage)] = None;
        _small[guestPage] = page;
    }

    public void MapLarge(int guestRegion, int region)
    {
        _isHuge = false;
        _large[guestRegion] = region;
    }

    /// <summary>One mapping of 1 GiB for everything.</summary>
    public void MapHuge() => _isHuge = true;

    public void Unmap(int guestPage) => MapSmall(guestPage, None);
}
