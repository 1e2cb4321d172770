using System;
using System.Collections.Generic;
using FastRmp.DirectMap;
using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.DirectMap;

/// <summary>A direct map over random ranges and the reference map under the same random splits, joins and changes of flags.</summary>
internal sealed class DirectMapComparison : IDisposable
{
    private readonly Random _random;
    private readonly HostDirectMap _map;
    private readonly ReferenceDirectMap _reference;
    private readonly List<ulong> _used = [];
    private readonly ulong _bytes;
    private readonly long _tablesAtStart;
    private readonly bool _zaps;
    private long _rangedFlushes;

    internal DirectMapComparison(int seed, ModelChoices choices, bool zaps = false)
    {
        _random = new Random(seed);
        _zaps = zaps;
        bool gigabyte = _random.Next(4) != 0;
        PagingMode mode = (PagingMode)_random.Next(2);
        ulong top = mode == PagingMode.FiveLevel ? 0xFF12_0000_0000_0000UL : 0xFFFF_8900_0000_0000UL;
        DirectMapOptions options = new()
        {
            Mode = mode,
            Choices = choices,
            Processor = ProcessorModel.Genoa with { HasGigabytePages = gigabyte },
            VirtualBase = new VirtualAddress(_random.Next(3) == 0 ? 0 : top + ((ulong)_random.Next(4096) * Giant)),
        };
        PhysicalRange[] ram = RandomRam();
        _map = new HostDirectMap(ram, options);
        _reference = new ReferenceDirectMap(ReferenceRam(ram), gigabyte, Choices(choices));
        _bytes = _reference.MappedBytes;
        _tablesAtStart = _map.Statistics.TablePages;
        Compare();
    }

    internal DirectMapStatistics Statistics => _map.Statistics;

    public void Dispose() => _map.Dispose();

    internal void Run(int operations)
    {
        for (int i = 0; i < operations; i++)
        {
            if (_zaps && _random.Next(3) == 0) ZapOrRestore(AnyAddress());
            else Step(AnyAddress());
            CompareCounters();
            CompareTranslation(AnyAddress());
            if (i % 200 == 0) Compare();
        }

        Compare();
        PhysicalRange all = RangeAt(0, _map.Ram[^1].End);
        _ = _map.Restore(all);
        _ = _reference.Restore(0, all.End);
        Assert.Equal(0, _map.ZappedPages);
        Compare();
        AssertWhole(_map);
    }

    private void Step(ulong address)
    {
        switch (_random.Next(40))
        {
            case < 12: Split(address, 1, mark: false); break;
            case < 14: Split(address, (ulong)_random.Next(1500), mark: false); break;
            case < 15: Split(address, 1 + (ulong)_random.Next(3), mark: _random.Next(8) == 0); break;
            case < 38: Rejoin(address); break;
            case < 39: ChangeFlags(address); break;
            default: ChangeHistory(address); break;
        }
    }

    private void Split(ulong address, ulong pages, bool mark)
    {
        (int splits, int flushes) before = (_reference.SplitTablePages, _reference.RangedFlushes);
        for (ulong i = 0; i < pages; i++)
        {
            _ = _reference.Split(address + (i * Small), mark ? ReferenceMark.Other : ReferenceMark.None);
        }

        bool marked = _reference.RangedFlushes != before.flushes;
        if (marked) _rangedFlushes++;
        bool changed = marked || _reference.SplitTablePages != before.splits;
        Assert.Equal(changed ? SplitStatus.Changed : SplitStatus.Unchanged, _map.SetMemory4K(At(address), pages, mark));
        if (changed) _used.Add(address);
    }

    private void Rejoin(ulong address) => Assert.Equal(_reference.Rejoin(address), _map.TryRejoin(At(address)));

    private void ZapOrRestore(ulong address)
    {
        PageSize size = (PageSize)_random.Next(_reference.Choices.ZapSplitsLargeLeaves ? 2 : 3);
        bool changed;
        SplitStatus status;
        if (_random.Next(2) == 0)
        {
            changed = _reference.Zap(address, (ReferencePageSize)(int)size);
            if (changed) _rangedFlushes++;
            status = _map.Zap(At(address), size);
        }
        else
        {
            ulong start = _random.Next(2) == 0 ? address & ~(Small - 1) : address & ~(Large - 1);
            ulong end = Math.Min(start + ((ulong)_random.Next(1, 1200) * Small), PhysicalAddress.ValidMask & ~(Small - 1));
            changed = _reference.Restore(start, end);
            status = _map.Restore(RangeAt(start, end - start));
        }

        Assert.Equal(changed ? SplitStatus.Changed : SplitStatus.Unchanged, status);
        if (changed) _used.Add(address & ~(Small - 1));
        Zapped = Math.Max(Zapped, _map.ZappedPages);
    }

    /// <summary>The most pages that were out at a time.</summary>
    internal long Zapped { get; private set; }

    // Other code changes the flags of a leaf; most of the time they are changed back later.
    private void ChangeFlags(ulong address)
    {
        if (_reference.FindLeaf(address) is not { Zapped: false } leaf) return;
        uint attributes = _random.Next(4) == 0 ? (uint)_random.Next(16) : 0;
        _reference.SetAttributes(address, attributes);
        ChangeLeaf(_map, address, value => (value & ~FlagsOf(15, leaf.Size)) | FlagsOf(attributes, leaf.Size));
    }

    // The processor or the kernel changes Accessed and Dirty, and G goes with a page that was taken out for a while: Linux minds all three,
    // and the model none.
    private void ChangeHistory(ulong address)
    {
        if (_reference.FindLeaf(address) is not { Zapped: false }) return;
        int history = _random.Next(8);
        _reference.SetHistory(address, (history & 1) != 0, (history & 2) != 0, (history & 4) != 0);
        ulong bits = HistoryOf(_reference.FindLeaf(address)!);
        ChangeLeaf(_map, address, value => (value & ~0x160UL) | bits);
    }

    private void CompareCounters()
    {
        DirectMapStatistics now = _map.Statistics;
        DirectMapStatistics expected = new(
            _reference.Leaves4K, _reference.Leaves2M, _reference.Leaves1G, _reference.PeakLeaves4K, _reference.Splits2M,
            _reference.Splits1G,
            _reference.Rejoins2M, _reference.Rejoins1G, _tablesAtStart + _reference.SplitTablePages,
            _tablesAtStart + _reference.PeakTablePages,
            _reference.GlobalFlushes, _rangedFlushes);
        Assert.Equal(expected, now);
        Assert.Equal(_bytes, ((ulong)now.Leaves4K * Small) + ((ulong)now.Leaves2M * Large) + ((ulong)now.Leaves1G * Giant));
    }

    private void CompareTranslation(ulong address)
    {
        PinnedMemoryView view = _map.View();
        ReferenceLeaf? leaf = _reference.FindLeaf(address);
        WalkResult result = PageWalker.Translate(ref view, _map.State, _map.ToVirtual(At(address)), MemoryAccess.KernelWrite);
        bool isMapped = leaf is { Zapped: false };
        Assert.Equal(isMapped, result.IsMapped);
        if (leaf is { Zapped: true }) Assert.Equal(2U, result.ErrorCode); // an ordinary fault of an absent page
        if (leaf is null || !isMapped) return;
        Assert.Equal((address, (int)leaf.Size), (result.Address.Value, (int)result.Size));
    }

    private void Compare()
    {
        foreach (ReferenceLeaf leaf in _reference.Leaves)
        {
            int level = 1 + (int)leaf.Size;
            ulong value = Entry(_map, leaf.Address, level).Value;
            Assert.Equal(!leaf.Zapped, _map.TryGetMapping(At(leaf.Address), out PageSize size));
            if (!leaf.Zapped) Assert.Equal((int)leaf.Size, (int)size);
            ulong large = leaf.Size == ReferencePageSize.Size4K ? 0 : 0x80UL;
            ulong mark = leaf.Mark == ReferenceMark.None ? 0 : 0x800UL;
            Assert.Equal(
                leaf.Address | 0x8000_0000_0000_0000UL | (leaf.Zapped ? 0 : 3UL) | HistoryOf(leaf) | large | mark
                    | FlagsOf(leaf.Attributes, leaf.Size),
                value);
            CompareTables(leaf.Address, level);
        }
    }

    private void CompareTables(ulong address, int leafLevel)
    {
        int top = _map.State.Mode == PagingMode.FiveLevel ? 5 : 4;
        for (int level = leafLevel + 1; level <= top; level++)
        {
            Assert.Equal(_reference.TableFlags(address, level), Entry(_map, address, level).Value & 0xFFFUL);
        }
    }

    private static ulong HistoryOf(ReferenceLeaf leaf) =>
        (leaf.Accessed ? 0x20UL : 0) | (leaf.Dirty ? 0x40UL : 0) | (leaf.Global ? 0x100UL : 0);

    // Four flags by number: PCD, two software bits, and PAT, which has another place in a small page.
    private static ulong FlagsOf(uint attributes, ReferencePageSize size)
    {
        ulong flags = ((attributes & 1) << 4) | ((ulong)(attributes & 6) << 8);
        ulong pat = size == ReferencePageSize.Size4K ? 0x80UL : 0x1000UL;
        return (attributes & 8) == 0 ? flags : flags | pat;
    }

    private ulong AnyAddress()
    {
        if (_used.Count > 0 && _random.Next(4) != 0)
        {
            return (_used[_random.Next(_used.Count)] + ((ulong)_random.Next(-3, 4) * Small)) & PhysicalAddress.ValidMask;
        }

        PhysicalRange range = _map.Ram[_random.Next(_map.Ram.Length)];
        if (_random.Next(3) == 0) return range.End - Small + ((ulong)_random.Next(3) * Small);
        return range.Start.Value + ((ulong)_random.NextInt64((long)range.Length) & ~(Small - 1));
    }

    private PhysicalRange[] RandomRam()
    {
        List<PhysicalRange> ram = [];
        ulong position = 0;
        int count = _random.Next(1, 6);
        for (int i = 0; i < count; i++)
        {
            ulong unit = _random.Next(3) switch { 0 => Small, 1 => Large, _ => Giant };
            // else it touches the one before, maybe inside a page
            if (i == 0 || _random.Next(4) != 0) position = (position + unit - 1) & ~(unit - 1);
            if (_random.Next(3) != 0) position += unit * (ulong)_random.Next(1, 4);
            ulong length = (unit * (ulong)_random.Next(1, 4)) + (_random.Next(2) == 0 ? 0 : (ulong)_random.Next((int)(3 * Large)));
            ram.Add(RangeAt(position, length));
            position += length;
        }

        return [.. ram];
    }

    /// <summary>The reference's form of the choices.</summary>
    internal static ReferenceDirectMapChoices Choices(ModelChoices choices) => new()
    {
        BootTablesAreSupervisor = choices.BootTablesAreSupervisor,
        Kernel4KOnEveryUpdate = choices.Kernel4KOnEveryUpdate,
        RejoinAsLinux = choices.RejoinAsLinux,
        ZapSplitsLargeLeaves = choices.ZapSplitsLargeLeaves,
    };

    private static IEnumerable<ReferenceRange> ReferenceRam(PhysicalRange[] ram)
    {
        foreach (PhysicalRange range in ram)
        {
            yield return new ReferenceRange(range.Start.Value, range.End - 1);
        }
    }
}
