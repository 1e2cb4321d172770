using System;
using FastRmp.Addressing;
using FastRmp.Layouts;
using FastRmp.Model;
using FastRmp.Rmp;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>A small world of three regions in which random operations meet each other often, made in both models at once.</summary>
internal sealed class RandomWorld : IDisposable
{
    private const ulong Regions = 3;
    private const ulong Assigned = 0x1;
    private const ulong Large = 0x2;
    private const ulong Immutable = 0x4;
    private const ulong OneSubpage = 0x8;
    private const ulong AsidBits = 0x1FF8_0000_0000_0000;
    private const ulong Vmsa = 0x2000_0000_0000_0000;
    private const ulong Validated = 0x4000_0000_0000_0000;
    private const ulong Lock = 0x8000_0000_0000_0000;

    // The base, both neighbours of it, the middle and the end of a region: few pages, so that operations meet.
    private static readonly ulong[] HotPages = [0, 0, 1, 2, 255, 511];

    private readonly ModelPair _pair;
    private readonly Random _random;
    private readonly uint _maxAsid;
    private readonly ulong _gpaBits;

    public RandomWorld(int seed, ProcessorModel processor, ModelChoices choices)
    {
        _pair = new ModelPair(Regions, processor, choices);
        _random = new Random(seed);
        _maxAsid = processor.MaxAsid;

        // "Unmasked" leaves open what becomes of the bits above the field: stay inside it where that choice is on.
        _gpaBits = choices.CompareUnmaskedGpa ? 0x0007_FFFF_FFFF_FFFF : ulong.MaxValue;
    }

    /// <summary>How many operations took effect, by kind: a run in which some kind never did tests nothing.</summary>
    public long Updates { get; private set; }

    public long LargeUpdates { get; private set; }

    public long Smashes { get; private set; }

    public long Overlaps { get; private set; }

    public long Refusals { get; private set; }

    public void Dispose() => _pair.Dispose();

    public void Run(int operations)
    {
        for (int i = 0; i < operations; i++)
        {
            ulong page = RandomPage();
            ulong region = page / ModelPair.RegionBytes;
            int kind = _random.Next(100);
            if (kind < 55) Update(page, large: false);
            else if (kind < 70) Update(page, large: true);
            else if (kind < 78) Smash(page);
            else if (kind < 90) Poke(page);
            else Access(page);

            if (region < Regions)
            {
                _pair.CompareEntry(page & ~0xFFFUL);
                _pair.CompareEntry(region * ModelPair.RegionBytes);
                if (kind is >= 55 and < 78 || i % 16 == 0) _pair.CompareRegion(region);
            }

            if (i % 512 == 0) Checkpoint();
            if (i % 24 == 23) Renew((ulong)_random.Next((int)Regions) * ModelPair.RegionBytes);
        }

        Checkpoint();
    }

    /// <summary>Everything that has to hold at rest.</summary>
    private void Checkpoint()
    {
        _pair.CompareAll();
        for (ulong region = 0; region < Regions; region++)
        {
            PhysicalAddress start = PhysicalAddress.Create(region * ModelPair.RegionBytes);
            bool any = AssignedScan.Any(_pair.Table.Region(start));
            Assert.Equal(!any, _pair.Table.IsHypervisorOwned(start, PageSize.Size2M));
            Assert.Equal(!any, _pair.Table.IsHypervisorOwned(start + 0x1F_F123, PageSize.Size1G));
            RmpEntry first = _pair.Raw(start.Value);
            if ((first.Low & Large) == 0) Assert.Equal(AssignedScan.Count(_pair.Table.Region(start)[1..]), (int)(first.Low >> 3 & 511));
        }
    }

    private void Update(ulong page, bool large)
    {
        if (large && _random.Next(8) != 0) page &= ~(ModelPair.RegionBytes - 1);
        if (_random.Next(64) == 0) page += (ulong)_random.Next(1, 0x1000); // misaligned
        ExecutionState state = _random.Next(200) switch
        {
            0 => ExecutionState.Host with { Is64BitMode = false },
            1 => ExecutionState.Host with { SnpEnabled = false },
            2 => ExecutionState.Host with { Cpl = (byte)_random.Next(4) },
            3 => ExecutionState.Host with { Asid = (uint)_random.Next(3) },
            _ => ExecutionState.Host,
        };
        RmpResult result = _pair.Update(state, page, RandomOperand(large));
        if (result.IsSuccess && !large) Updates++;
        if (result.IsSuccess && large) LargeUpdates++;
        if (result.Status == RmpStatus.FailOverlap) Overlaps++;
        if (result.Status == RmpStatus.FailPermission) Refusals++;
    }

    /// <summary>A guest goes, and often another one comes.</summary>
    private void Renew(ulong first)
    {
        TearDown(first);
        if (_random.Next(4) == 0) return;
        Update(first, large: true);
        if (_random.Next(3) == 0) Smash(first);
    }

    /// <summary>The end of a guest: whatever the region is, all of it goes back to the hypervisor; else PSMASH would fill the world for good.</summary>
    private void TearDown(ulong first)
    {
        for (ulong page = first; page < first + ModelPair.RegionBytes; page += 0x1000)
        {
            RmpEntry entry = _pair.Raw(page);
            if ((entry.Low & Immutable) != 0) _pair.Poke(page, entry.Low & ~(Immutable | Lock), entry.High);
        }

        if (_pair.Update(first, Operands.Release(PageSize.Size2M)).IsSuccess) return;
        for (ulong page = first; page < first + ModelPair.RegionBytes; page += 0x1000)
        {
            Assert.True(_pair.Update(page, Operands.Release()).IsSuccess);
        }

        _pair.CompareRegion(first / ModelPair.RegionBytes);
        Assert.False(AssignedScan.Any(_pair.Table.Region(PhysicalAddress.Create(first))));
    }

    private void Smash(ulong page)
    {
        if (_random.Next(8) != 0) page &= ~(ModelPair.RegionBytes - 1);
        ExecutionState state = _random.Next(100) == 0 ? ExecutionState.Host with { Asid = 1 } : ExecutionState.Host;
        if (_pair.Smash(state, page).IsSuccess) Smashes++;
    }

    private void Access(ulong page)
    {
        ulong address = page + (ulong)_random.Next(0x1000);
        for (int size = 0; size < 3; size++)
        {
            _pair.CompareAccess(address, (PageSize)size, user: _random.Next(2) == 0);
        }
    }

    /// <summary>What firmware and the guest do to an entry; the count follows; raw writes move no counter by ASID, in either model.</summary>
    private void Poke(ulong page)
    {
        page &= ~0xFFFUL;
        ulong first = page & ~(ModelPair.RegionBytes - 1);
        if (page / ModelPair.RegionBytes >= Regions) return;
        RmpEntry top = _pair.Raw(first);
        bool isLarge = (top.Low & Large) != 0;
        ulong target = isLarge ? first : page;
        RmpEntry entry = _pair.Raw(target);
        bool assigned = (entry.Low & Assigned) != 0;
        switch (_random.Next(8))
        {
            case 0 or 1 when assigned && (entry.Low & AsidBits) != 0: // PVALIDATE
                _pair.Poke(target, entry.Low ^ Validated, entry.High);
                break;
            case 2 when assigned && (entry.Low & AsidBits) != 0: // RMPADJUST
                _pair.Poke(target, entry.Low ^ (_random.Next(2) == 0 ? Vmsa : 0), entry.High ^ (ulong)_random.Next(0x100) << 8 * _random.Next(4));
                break;
            case 3 when !assigned && _random.Next(3) == 0: // HV_Fixed, and back
                _pair.Poke(target, entry.Low ^ Immutable, entry.High);
                break;
            case 4 when !assigned && (entry.Low & Immutable) == 0: // firmware takes the page; a resting page is locked
                _pair.Poke(target, entry.Low | Assigned | Immutable | Lock, 0);
                if (target != first) _pair.Poke(first, top.Low + OneSubpage, top.High);
                break;
            case 5 or 6 when assigned && (entry.Low & Immutable) != 0: // SNP_PAGE_RECLAIM, SNP_LAUNCH_UPDATE
                _pair.Poke(target, entry.Low & ~(Immutable | Lock), entry.High);
                break;
            case 7 when assigned && (entry.Low & AsidBits) != 0: // firmware holds a guest's page
                _pair.Poke(target, entry.Low | Immutable | Lock, entry.High);
                break;
            default:
                break;
        }
    }

    private RmpUpdateOperand RandomOperand(bool large)
    {
        bool assigned = _random.Next(100) < 55;
        bool immutable = assigned && _random.Next(12) == 0;
        uint asid = !assigned ? 0 : _random.Next(20) switch
        {
            0 => 0,
            1 => _maxAsid,
            2 => _maxAsid + 1,
            3 => 0x3FF,
            4 => uint.MaxValue,
            _ => (uint)_random.Next(1, 4),
        };
        ulong gpa = large ? (ulong)_random.Next(1, 3) << 21 : (ulong)_random.Next(1, 3) << 12;
        if (_random.Next(10) == 0) gpa += (ulong)_random.Next(0x1000); // low bits are not stored
        if (_random.Next(12) == 0) gpa = (large ? 0xFFFF_FFFF_FFE0_0000 : 0xFFFF_FFFF_FFFF_F000) & _gpaBits & (_random.Next(2) == 0 ? ulong.MaxValue : 0x0001_FFFF_FFFF_FFFF);
        if (assigned || _random.Next(30) != 0) return Operands.Make(gpa, assigned, large, immutable, asid, Reserved());
        return Operands.Make(gpa, false, large, _random.Next(2) == 0, (uint)_random.Next(2), Reserved()); // unassigned with an owner
    }

    private ulong Reserved() => _random.Next(60) == 0 ? (ulong)_random.NextInt64(1L << 32) & 0xFFFE_FEFE : 0;

    private ulong RandomPage()
    {
        ulong region = (ulong)_random.Next((int)Regions);
        if (_random.Next(100) == 0) region = Regions; // not covered
        ulong page = _random.Next(20) == 0 ? (ulong)_random.Next(512) : HotPages[_random.Next(HotPages.Length)];
        return (region * ModelPair.RegionBytes) + (page * 0x1000);
    }
}
