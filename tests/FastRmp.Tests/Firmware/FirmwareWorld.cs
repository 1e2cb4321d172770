using System;
using System.Collections.Generic;
using FastRmp.Addressing;
using FastRmp.Model;
using FastRmp.Reference;
using FastRmp.Rmp;
using FastRmp.Tests.Rmp;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>Random commands, mixed with what host and guest do, on few pages in four regions: the RMP's own, and three more.</summary>
internal sealed class FirmwareWorld : IDisposable
{
    private const ulong First = OwnStart;
    private const ulong End = OwnStart + (4 * ModelPair.RegionBytes);

    private static readonly ulong[] HotPages = [0, 0, 0, 1, 2, 255, 256, 511];

    private readonly Random _random;
    private ulong _context;
    private readonly FirmwareDuel _duel;
    private readonly Dictionary<string, int> _successes;

    public FirmwareWorld(int seed, ProcessorModel processor, ModelChoices choices, Dictionary<string, int> successes)
    {
        _random = new Random(seed);
        _duel = new FirmwareDuel(processor, choices);
        _successes = successes;
    }

    public void Dispose() => _duel.Dispose();

    public void Run(int steps)
    {
        if (_random.Next(2) == 0) Init();
        for (int i = 0; i < steps; i++)
        {
            ulong page = RandomPage();
            int kind = _random.Next(100);
            if (kind < 40) Host(page);
            else if (kind < 45) Guest(page);
            else if (kind < 47) Region(page & ~(ModelPair.RegionBytes - 1));
            else Command(page);
            if (i % 64 == 0 || kind is >= 45 and < 47) CompareAll();
        }

        CompareAll();
        if (_random.Next(2) == 0) Init();
    }

    private void CompareAll()
    {
        _duel.Compare(First, End);
        _duel.CompareCounters();
    }

    private void Init()
    {
        ReferenceInitList list = new()
        {
            Dram = _random.Next(3) == 0 ? [] : [.. RandomRanges(3), new ReferenceRange(0, _random.Next(2) == 0 ? Covered - 1 : 0x9F_FFFF)],
            Fixed = RandomRanges(3),
            Iommu = RandomRanges(2),
            Tseg = _random.Next(4) == 0 ? RandomRange() : null,
            Aseg = _random.Next(2) == 0 ? new ReferenceRange(0xA_0000, 0xB_FFFF) : null,
        };
        Count("snp_init", _duel.SnpInit(list));
        _duel.Compare(0, Covered);
        _duel.CompareCounters();
    }

    private List<ReferenceRange> RandomRanges(int atMost)
    {
        List<ReferenceRange> ranges = [];
        for (int i = _random.Next(atMost + 1); i > 0; i--)
        {
            ranges.Add(RandomRange());
        }

        return ranges;
    }

    private ReferenceRange RandomRange()
    {
        ulong first = RandomPage() & ~0xFFFUL;
        ulong pages = _random.Next(3) == 0 ? (ulong)_random.Next(1, 1200) : (ulong)_random.Next(1, 4);
        return new ReferenceRange(first, first + (pages * 0x1000) - 1);
    }

    /// <summary>What the host does: pages for firmware, for a guest, and back.</summary>
    private void Host(ulong page)
    {
        PageSize size = _random.Next(5) == 0 ? PageSize.Size2M : PageSize.Size4K;
        if (size == PageSize.Size2M) page &= ~(ModelPair.RegionBytes - 1);
        ulong gpa = size == PageSize.Size2M ? (ulong)_random.Next(1, 3) << 21 : (ulong)_random.Next(1, 3) << 12;
        switch (_random.Next(10))
        {
            case 0 or 1:
                Count("rmpupdate release", _duel.Update(page, Operands.Release(size)));
                break;
            case 2:
                Count("psmash", _duel.Smash(page & ~(ModelPair.RegionBytes - 1)));
                break;
            case 3 or 4:
                _duel.Update(page, Operands.Assign(0, 0, size, immutable: true));
                break;
            case 5 when _random.Next(4) == 0: // a forged Metadata or Firmware-IOMMU page
                _duel.Update(page, Operands.Assign(_random.Next(2) == 0 ? 0x2_0000_0000_1000UL : 0x1_0000_4000_0000UL, 0, size, immutable: true));
                break;
            default:
                _duel.Update(page, Operands.Assign(gpa, (uint)_random.Next(1, 3), size, immutable: _random.Next(4) != 0));
                break;
        }
    }

    private void Guest(ulong page)
    {
        page &= ~0xFFFUL;
        if (page >= End) return;
        bool isLarge = (_duel.Raw(page & ~(ModelPair.RegionBytes - 1)).Low & 2) != 0;
        if (isLarge) page &= ~(ModelPair.RegionBytes - 1);
        _duel.Validate((uint)_random.Next(1, 3), page, _duel.Raw(page).Low & 0x7_FFFF_FFFF_F000, isLarge, _random.Next(4) != 0);
    }

    /// <summary>512 pages at once, for the commands that need as many.</summary>
    private void Region(ulong region)
    {
        if (region >= End) return;
        bool forGuest = _random.Next(2) == 0;
        uint asid = forGuest ? 1U : 0;
        _duel.Update(region, Operands.Release(PageSize.Size2M));
        for (ulong offset = 0; offset < ModelPair.RegionBytes; offset += 0x1000)
        {
            _duel.PageReclaim(region + offset, PageSize.Size4K);
            _duel.Update(region + offset, Operands.Release());
        }

        // The base last: an immutable one may, by choice, refuse the updates of all others.
        for (ulong offset = ModelPair.RegionBytes; offset > 0; offset -= 0x1000)
        {
            _duel.Update(region + offset - 0x1000, Operands.Assign(forGuest ? 0x4000_0000 + offset - 0x1000 : 0, asid, immutable: true));
        }

        if (_random.Next(4) == 0) _duel.SwapOut(RandomPage(), PageSize.Size4K);
        if (forGuest) Count("page_unsmash", _duel.PageUnsmash(region));
        else Count("page_set_state", _duel.PageSetState(region, 512));
    }

    private void Command(ulong page)
    {
        PageSize size = _random.Next(4) == 0 ? PageSize.Size2M : PageSize.Size4K;
        if (size == PageSize.Size2M && _random.Next(8) != 0) page &= ~(ModelPair.RegionBytes - 1);
        switch (_random.Next(16))
        {
            case 0 or 1:
                if (Count("gctx_create", _duel.GctxCreate(page))) _context = page;
                break;
            case 2:
                Count("decommission", _duel.Decommission(page));
                break;
            case 3:
                Count("activate", _duel.Activate(_random.Next(4) == 0 ? 0x3FFU : (uint)_random.Next(5), _random.Next(2) == 0 ? RandomPage() : null));
                break;
            case 4:
                Count("launch_update", _duel.LaunchUpdate(page, size, _random.Next(4) == 0, Mask(), Mask(), Mask()));
                break;
            case 5:
                Count("swap_out", _duel.SwapOut(page, size));
                break;
            case 6 or 7:
                Count("swap_in", _duel.SwapIn(page, size, RandomSwapIn(size)));
                break;
            case 8:
                Count("swap_in metadata", _duel.SwapInMetadata(page, RandomContext()));
                break;
            case 9:
                Count("md_init", _duel.MdInit(page, RandomContext()));
                break;
            case 10 or 11:
                Count("page_move", _duel.PageMove(page, Partner(page), size));
                break;
            case 12:
                Count("page_set_state", _duel.PageSetState(page & ~(_random.Next(4) == 0 ? 0xFFFUL : ModelPair.RegionBytes - 1), (ulong)_random.Next(4) * 256));
                break;
            case 13:
                Count("page_unsmash", _duel.PageUnsmash(page));
                break;
            case 14 when _random.Next(20) == 0:
                Count("shutdown", _duel.Shutdown(_random.Next(2) == 0));
                break;
            default:
                Count("page_reclaim", _duel.PageReclaim(page, size));
                break;
        }
    }

    private ReferenceSwapIn RandomSwapIn(PageSize size) => new()
    {
        Gpa = _random.Next(8) switch
        {
            0 => (ulong)_random.NextInt64(1L << 52),
            1 => 0xF_FFFF_FFE0_0000,
            _ => size == PageSize.Size2M ? (ulong)_random.Next(1, 3) << 21 : (ulong)_random.Next(1, 3) << 12,
        },
        Validated = _random.Next(2) == 0,
        Vmsa = _random.Next(4) == 0,
        Mask0 = Mask(),
        Mask1 = Mask(),
        Mask2 = Mask(),
        Mask3 = Mask(),
    };

    private byte Mask() => _random.Next(16) == 0 ? (byte)_random.Next(0x100) : (byte)_random.Next(0x20);

    /// <summary>A page, mostly one that was made a guest's context some time.</summary>
    private ulong RandomContext() => _random.Next(4) == 0 ? RandomPage() : _context;

    /// <summary>Another page, often one that a move can go to.</summary>
    private ulong Partner(ulong page)
    {
        for (int i = 0; i < 8; i++)
        {
            ulong other = RandomPage();
            if (other < End && other != page && _duel.State(other) is PageState.PreGuest or PageState.Firmware) return other;
        }

        return _random.Next(4) == 0 ? page : RandomPage();
    }

    private ulong RandomPage()
    {
        ulong region = (ulong)_random.Next(4);
        if (_random.Next(60) == 0) return _random.Next(2) == 0 ? Covered : End - 1 - (ulong)_random.Next(0x1000);
        ulong page = _random.Next(20) == 0 ? (ulong)_random.Next(512) : HotPages[_random.Next(HotPages.Length)];
        return First + (region * ModelPair.RegionBytes) + (page * 0x1000);
    }

    private bool Count(string command, bool succeeded)
    {
        _successes[command] = _successes.GetValueOrDefault(command) + (succeeded ? 1 : 0);
        return succeeded;
    }
}
