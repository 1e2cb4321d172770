using System;
using System.Collections.Generic;
using FastRmp.Tests.Rmp;
using static FastRmp.Tests.Firmware.FirmwareRig;

namespace FastRmp.Tests.Firmware;

/// <summary>Random commands, mixed with what host and guest do, on few pages in four regions: the RMP's own, and three more.</summary>
/// <remarks>The life of the platform and of guests stands in another file, and so do the commands on pages.</remarks>
internal sealed partial class RandomFirmwareCommands : IDisposable
{
    private const ulong First = OwnStart;
    private const ulong End = OwnStart + (4 * ModelPair.RegionBytes);

    private static readonly ulong[] HotPages = [0, 0, 0, 1, 2, 255, 256, 511];

    private readonly Random _random;
    private readonly FirmwareComparison _comparison;
    private readonly Dictionary<string, int> _successes;

    public RandomFirmwareCommands(int seed, ProcessorModel processor, ModelChoices choices, Dictionary<string, int> successes)
    {
        _random = new Random(seed);
        _comparison = new FirmwareComparison(processor, choices);
        _successes = successes;
    }

    public void Dispose() => _comparison.Dispose();

    public void Run(int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            if (i % 400 == 0) NewLife();
            ulong page = RandomPage();
            int kind = _random.Next(100);
            if (kind < 35) Host(page);
            else if (kind < 40) Guest(page);
            else if (kind < 42) Region(page & ~(ModelPair.RegionBytes - 1));
            else if (kind < 50) Life();
            else Command(page);
            if (i % 64 == 0 || kind is >= 40 and < 42) CompareAll();
        }

        CompareAll();
    }

    private void CompareAll()
    {
        _comparison.Compare(First, End);
        _comparison.CompareCounters();
        _comparison.CompareMemory();
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
                Count("rmpupdate release", _comparison.Update(page, Operands.Release(size)));
                break;
            case 2:
                ulong region = page & ~(ModelPair.RegionBytes - 1);
                if (!Chance(4) && _comparison.Update(region, Operands.Release(PageSize.Size2M)))
                {
                    _comparison.Update(region, Operands.Assign(0x20_0000, 1, PageSize.Size2M));
                }

                Count("psmash", _comparison.Smash(region));
                break;
            case 3 or 4:
                _comparison.Update(page, Operands.Assign(0, 0, size, immutable: true));
                break;
            case 5 when _random.Next(4) == 0: // a forged Metadata or Firmware-IOMMU page
                _comparison.Update(
                    page, Operands.Assign(_random.Next(2) == 0 ? 0x2_0000_0000_1000UL : 0x1_0000_4000_0000UL, 0, size, immutable: true));
                break;
            default:
                _comparison.Update(page, Operands.Assign(gpa, (uint)_random.Next(1, 3), size, immutable: _random.Next(4) != 0));
                break;
        }
    }

    private void Guest(ulong page)
    {
        page &= ~0xFFFUL;
        if (page >= End) return;
        bool isLarge = (_comparison.Raw(page & ~(ModelPair.RegionBytes - 1)).Low & 2) != 0;
        if (isLarge) page &= ~(ModelPair.RegionBytes - 1);
        _comparison.Validate((uint)_random.Next(1, 3), page, _comparison.Raw(page).Low & 0x7_FFFF_FFFF_F000, isLarge, _random.Next(4) != 0);
    }

    /// <summary>512 pages at once, for the commands that need as many.</summary>
    private void Region(ulong region)
    {
        if (region >= End) return;
        bool forGuest = _random.Next(2) == 0;
        uint asid = forGuest ? 1U : 0;
        _comparison.Update(region, Operands.Release(PageSize.Size2M));
        for (ulong offset = 0; offset < ModelPair.RegionBytes; offset += 0x1000)
        {
            if (_comparison.State(region + offset) is PageState.Context) _comparison.Decommission(region + offset);
            _comparison.PageReclaim(region + offset, PageSize.Size4K);
            _comparison.Update(region + offset, Operands.Release());
        }

        // The base last: an immutable one may, by choice, refuse the updates of all others.
        for (ulong offset = ModelPair.RegionBytes; offset > 0; offset -= 0x1000)
        {
            _comparison.Update(
                region + offset - 0x1000, Operands.Assign(forGuest ? 0x4000_0000 + offset - 0x1000 : 0, asid, immutable: true));
        }

        if (_random.Next(4) == 0) _comparison.PageReclaim(region + ((ulong)_random.Next(512) << 12), PageSize.Size4K);
        if (forGuest) Count("page_unsmash", _comparison.PageUnsmash(region));
        else Count("page_set_state", _comparison.PageSetState(RandomList(region)));
    }

    private ulong RandomPage()
    {
        ulong region = (ulong)_random.Next(4);
        if (_random.Next(60) == 0) return _random.Next(2) == 0 ? Covered : End - 1 - (ulong)_random.Next(0x1000);
        ulong page = _random.Next(20) == 0 ? (ulong)_random.Next(512) : HotPages[_random.Next(HotPages.Length)];
        return First + (region * ModelPair.RegionBytes) + (page * 0x1000);
    }

    /// <summary>
    /// An address as a hostile host writes it: with low bits, the C-bit, bits above the memory, in a place that firmware refuses.
    /// </summary>
    private ulong Odd(ulong address) => _random.Next(40) switch
    {
        0 => address | (1UL << _random.Next(12)),
        1 => address | (1UL << 51),
        2 => address | (1UL << _random.Next(46, 64)),
        3 => _random.Next(3) switch { 0 => 0xA_0000UL + ((ulong)_random.Next(32) << 12), 1 => Covered, _ => OwnStart + 0x1000 },
        4 => (ulong)_random.NextInt64(),
        _ => address,
    };

    private bool Chance(int oneIn) => _random.Next(oneIn) == 0;

    private bool Count(string command, bool succeeded)
    {
        _successes[command] = _successes.GetValueOrDefault(command) + (succeeded ? 1 : 0);
        return succeeded;
    }
}
