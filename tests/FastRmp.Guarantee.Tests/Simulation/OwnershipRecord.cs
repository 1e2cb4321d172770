using System;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>
/// The owner of each page by the results of the instructions that the hypervisor executed. The RMP itself is not read.
/// </summary>
internal sealed class OwnershipRecord
{
    private readonly PageOwnership[] _pages = new PageOwnership[MachineLayout.Pages];
    private readonly bool[] _isLarge = new bool[MachineLayout.Regions];

    public PageOwnership this[int page] => _pages[page];

    public bool IsLarge(int page) => _isLarge[MachineLayout.RegionOf(page)];

    public bool IsUntouched(int region) =>
        !Array.Exists(
            _pages[(region * MachineLayout.PagesPerRegion)..((region + 1) * MachineLayout.PagesPerRegion)], static page => page.IsAssigned);

    /// <summary>RMPUPDATE took effect.</summary>
    public void Update(int page, bool isLarge, PageOwnership next)
    {
        if (!isLarge)
        {
            Require(page);
            _pages[page] = next;
            return;
        }

        for (int i = page; i < page + MachineLayout.PagesPerRegion; i++)
        {
            Require(i);
            _pages[i] = next;
            if (next.IsAssigned) next = next with { Gpa = next.Gpa + 0x1000 };
        }

        _isLarge[MachineLayout.RegionOf(page)] = next.IsAssigned;
    }

    /// <summary>PSMASH took effect.</summary>
    public void Smash(int page)
    {
        for (int i = page; i < page + MachineLayout.PagesPerRegion; i++) Require(i);
        _isLarge[MachineLayout.RegionOf(page)] = false;
    }

    /// <summary>Firmware made 512 pages one.</summary>
    public void Unsmash(int page) => _isLarge[MachineLayout.RegionOf(page)] = true;

    /// <summary>Firmware changed a page that it held, the whole of a large one.</summary>
    public void Change(int page, bool isImmutable)
    {
        bool isLarge = IsLarge(page);
        int first = isLarge ? MachineLayout.FirstOf(page) : page;
        for (int i = first; i < first + (isLarge ? MachineLayout.PagesPerRegion : 1); i++)
        {
            _pages[i] = _pages[i] with { IsImmutable = isImmutable };
        }
    }

    /// <summary>Firmware put another of the guest's pages here.</summary>
    public void Rename(int page, ulong gpa) => _pages[page] = _pages[page] with { Gpa = gpa };

    private void Require(int page)
    {
        if (_pages[page].IsImmutable) throw new GuaranteeException($"page {page} was taken while firmware held it");
    }
}
