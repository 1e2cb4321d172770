using System;
using FastRmp.Reference;
using FastRmp.Tests.Rmp;

namespace FastRmp.Guarantee.Tests.Probes;

/// <summary>A short comparison with the reference, made to exercise every rule soon: few pages, few addresses, few owners.</summary>
internal sealed class Differential : IDisposable
{
    private const ulong Regions = 2;
    private const uint Asids = 3;
    private const int Lifetime = 100; // operations until a region is given back, so that large pages are possible again

    private static readonly ulong[] HotPages = [0, 0, 1, 2, 511];

    private readonly ModelPair _pair;
    private readonly Random _random;
    private readonly uint _maxAsid;

    public Differential(int seed, ProcessorModel processor)
    {
        _pair = new ModelPair(Regions, processor, ModelChoices.Default);
        _random = new Random(seed);
        _maxAsid = processor.MaxAsid;
    }

    public void Dispose() => _pair.Dispose();

    /// <summary>Any operation, in both models.</summary>
    /// <param name="number">How many there were before it.</param>
    public void Step(int number)
    {
        ulong page = AnyPage();
        int kind = _random.Next(100);
        if (kind < 28) Update(page);
        else if (kind < 31) _pair.Smash(_random.Next(8) == 0 ? page : RegionOf(page));
        else if (kind < 48) Validate(page);
        else if (kind < 64) Adjust(page);
        else if (kind < 68) Query(page);
        else if (kind < 86) AccessFromGuest(page);
        else if (kind < 93) AccessFromHost(page);
        else if (kind < 97) _pair.MarkInUse(page, more: _random.Next(3) == 0);
        else Poke(page);
        Compare(page, whole: kind < 31);
        if (number % Lifetime == Lifetime - 1) Renew((ulong)_random.Next((int)Regions) * ModelPair.RegionBytes);
    }

    /// <summary>All entries and all counters.</summary>
    public void CompareAll() => _pair.CompareAll();

    private void Compare(ulong page, bool whole)
    {
        if (page >= Regions * ModelPair.RegionBytes) return;
        if (whole)
        {
            _pair.CompareRegion(page / ModelPair.RegionBytes);
        }
        else
        {
            _pair.CompareEntry(page);
            _pair.CompareEntry(RegionOf(page));
        }

        for (uint asid = 0; asid <= Asids; asid++) _pair.CompareCounter(asid);
    }

    private void Update(ulong page)
    {
        bool isLarge = _random.Next(4) == 0;
        if (isLarge) page = RegionOf(page);
        bool isAssigned = _random.Next(100) < 65;
        uint asid = !isAssigned && _random.Next(30) != 0
            ? 0
            : _random.Next(30) == 0 ? _maxAsid + (uint)_random.Next(2) : (uint)_random.Next((int)Asids + 1);
        ulong gpa = Gpa(isLarge);
        if (_random.Next(12) == 0) gpa |= 0xFFFF_8000_0000_0000; // more than any processor stores
        RmpUpdateOperand operand = new RmpUpdateOperand
        {
            Gpa = gpa,
            Assigned = isAssigned,
            PageSize = isLarge ? PageSize.Size2M : PageSize.Size4K,
            Immutable = _random.Next(isAssigned ? 12 : 30) == 0,
            Asid = asid,
        };
        _pair.Update(page, operand);
    }

    private void Validate(ulong page)
    {
        ExecutionState state = ExecutionState.Guest((uint)_random.Next(1, (int)Asids), (byte)(_random.Next(20) == 0 ? 1 : 0));
        _pair.Validate(state, Translation(page), OperandSize(page), validate: _random.Next(4) != 0);
    }

    private void Adjust(ulong page)
    {
        ExecutionState state = ExecutionState.Guest((uint)_random.Next(1, (int)Asids), (byte)(_random.Next(3) == 0 ? _random.Next(4) : 0));
        RmpAdjustOperand operand = new RmpAdjustOperand
        {
            TargetVmpl = (byte)_random.Next(_random.Next(10) == 0 ? 6 : 4),
            Permissions = (VmplPermissions)_random.Next(_random.Next(10) == 0 ? 64 : 32),
            Vmsa = _random.Next(3) == 0,
        };
        _pair.Adjust(state, Translation(page), OperandSize(page), operand);
    }

    private void Query(ulong page)
    {
        ExecutionState state = ExecutionState.Guest((uint)_random.Next(1, (int)Asids), (byte)_random.Next(4));
        _pair.Query(state, Translation(page), (byte)_random.Next(5), out _);
    }

    private void AccessFromGuest(ulong page)
    {
        NestedPage where = Translation(page);
        for (GuestAccessKind kind = 0; kind <= GuestAccessKind.ShadowStackWrite; kind++)
        {
            GuestAccess access = new(
                (uint)_random.Next(1, (int)Asids), (byte)_random.Next(4), (byte)_random.Next(4), kind, IsPrivate: _random.Next(3) != 0,
                IsSnpGuest: _random.Next(8) != 0);
            _pair.GuestAccess(access, where);
        }
    }

    private void AccessFromHost(ulong page)
    {
        ulong address = page + (ulong)_random.Next(0x1000);
        for (int size = 0; size < 3; size++)
        {
            _pair.HostAccess((AccessKind)_random.Next(3), address, (PageSize)size, user: _random.Next(2) == 0);
            _pair.HostAccess(AccessKind.Write, address, (PageSize)size, user: _random.Next(2) == 0);
            _pair.Device(address, (PageSize)size);
        }
    }

    /// <summary>What a dump may hold: an unassigned page with marks of a guest in it, or a page of firmware's.</summary>
    private void Poke(ulong page)
    {
        if (page >= Regions * ModelPair.RegionBytes || page == RegionOf(page) || _pair.Raw(page).Assigned
            || _pair.Raw(RegionOf(page)).PageSize == PageSize.Size2M)
        {
            return;
        }

        ReferenceEntry entry = new() { Immutable = _random.Next(4) == 0 };
        if (!entry.Immutable)
        {
            entry.Asid = (uint)_random.Next(1, (int)Asids);
            entry.Gpa = Gpa(isLarge: false);
            entry.Validated = true;
            entry.Vmsa = true;
            entry.Vmpl1 = 0xF;
        }

        _pair.Poke(page, entry.ToLow(), entry.ToHigh());
        if (_random.Next(2) == 0) return;
        RmpUpdateOperand assign = new RmpUpdateOperand { Gpa = entry.Gpa, Assigned = true, Asid = entry.Asid };
        if (!entry.Immutable) _pair.Update(page, assign); // by the marks it might have been the same page all the time
        else _pair.Update(RegionOf(page), assign with { Gpa = Gpa(isLarge: true), PageSize = PageSize.Size2M, Asid = 1 });
    }

    /// <summary>A guest goes, and often another one comes that has the whole region.</summary>
    private void Renew(ulong first)
    {
        TearDown(first);
        if (_random.Next(3) == 0) return;
        RmpUpdateOperand operand = new RmpUpdateOperand
        {
            Gpa = Gpa(isLarge: true),
            Assigned = true,
            PageSize = PageSize.Size2M,
            Asid = (uint)_random.Next(1, (int)Asids),
        };
        _pair.Update(first, operand);
        Validate(first);
        Adjust(first);
    }

    /// <summary>The region goes back to the hypervisor, whatever is in it.</summary>
    private void TearDown(ulong first)
    {
        for (ulong page = first; page < first + ModelPair.RegionBytes; page += ModelPair.PageBytes)
        {
            while (_pair.Table.IsInUse(PhysicalAddress.Create(page))) _pair.MarkInUse(page, more: false);
            RmpEntry entry = _pair.Raw(page);
            if (entry.Immutable) _pair.Poke(page, (entry with { Immutable = false, Lock = false }).Low, entry.High);
        }

        if (_pair.Update(first, new RmpUpdateOperand { PageSize = PageSize.Size2M }).IsSuccess) return;
        for (ulong page = first; page < first + ModelPair.RegionBytes; page += ModelPair.PageBytes)
        {
            if (_pair.Raw(page).Low != 0) _pair.Update(page, default);
        }

        _pair.CompareRegion(first / ModelPair.RegionBytes);
    }

    private ulong AnyPage()
    {
        ulong region = _random.Next(50) == 0 ? Regions : (ulong)_random.Next((int)Regions);
        return (region * ModelPair.RegionBytes) + (HotPages[_random.Next(HotPages.Length)] * ModelPair.PageBytes);
    }

    private ulong Gpa(bool isLarge) => isLarge ? (ulong)_random.Next(1, 3) << 21 : (ulong)(512 + _random.Next(3)) << 12;

    /// <summary>A translation that mostly fits the entry.</summary>
    private NestedPage Translation(ulong page)
    {
        RmpLookup found = _pair.Table.Lookup(PhysicalAddress.Create(page));
        bool isLarge = found.Size == PageSize.Size2M;
        ulong gpa = _random.Next(8) == 0 ? Gpa(isLarge: false) : found.Entry.Gpa.Value + (isLarge ? page - RegionOf(page) : 0);
        PageSize size = _random.Next(6) == 0 ? (PageSize)_random.Next(3) : found.Size;
        return new NestedPage(GuestPhysicalAddress.Truncate(gpa), PhysicalAddress.Create(page), size);
    }

    private PageSize OperandSize(ulong page) =>
        _random.Next(5) == 0 ? (PageSize)_random.Next(2) : _pair.Table.Lookup(PhysicalAddress.Create(page)).Size;

    private static ulong RegionOf(ulong page) => page & ~(ModelPair.RegionBytes - 1);
}
