using System;
using FastRmp.DirectMap;
using FastRmp.Paging;
using FastRmp.Reference;
using FastRmp.Tests.DirectMap;
using Xunit;
using static FastRmp.Tests.DirectMap.DirectMapInspector;

namespace FastRmp.Tests.Host;

/// <summary>
/// One host and the reference host under the same random operations; after each, both must have said the same and look the same.
/// </summary>
internal sealed class HostComparison<TPolicy> : IDisposable
    where TPolicy : struct, IDirectMapPolicy
{
    private readonly Random _random;
    private readonly HostRig<TPolicy> _rig;
    private readonly ReferenceHost _reference;
    private readonly long _tablesAtStart;
    private ulong _touched;

    internal HostComparison(ReferencePolicy policy, int seed, int? spareTablePages, PagingMode mode)
        : this(policy, seed, spareTablePages, mode, ModelChoices.Default)
    {
    }

    internal HostComparison(ReferencePolicy policy, int seed, int? spareTablePages, PagingMode mode, ModelChoices choices)
    {
        _random = new Random(seed);
        DirectMapOptions options = new() { Mode = mode, Choices = choices };
        using (HostDirectMap roomy = new(HostMachine.Ram, options))
        {
            _tablesAtStart = roomy.Statistics.TablePages;
        }

        if (spareTablePages is { } spare) options = options with { MaxTablePages = _tablesAtStart + spare };
        _rig = new HostRig<TPolicy>(options, HostMachine.Covered, ModelChoices.Default, HostMachine.Ram);
        ReferenceDirectMap map = new(HostMachine.ReferenceRam, choices: DirectMapComparison.Choices(choices))
        {
            FreeTablePages = spareTablePages,
        };
        ReferenceRmp rmp = new(
            new ReferenceProcessor(), new ReferenceChoices(), _rig.Table.Geometry.Base.Value, _rig.Table.Geometry.End.Value);
        _reference = new ReferenceHost(policy, rmp, map);
    }

    /// <summary>How often each outcome of interest came up: handled writes, fatal writes, failed splits, rejoins of 1 GiB.</summary>
    internal (long Handled, long Fatal, long SplitFailed, long Rejoined1G) Seen { get; private set; }

    internal DirectMapStatistics Statistics => _rig.Map.Statistics;

    public void Dispose() => _rig.Dispose();

    internal void Run(int operations)
    {
        for (int i = 0; i < operations; i++)
        {
            if (i == operations / 50) Enable();
            Step();
            CompareCounters();
            ComparePage(_touched);
            if (i % 400 == 0) CompareAll();
        }

        CompareAll();
        AssertWhole(_rig.Map);
        Seen = Seen with { Rejoined1G = _rig.Map.Statistics.Rejoins1G };
    }

    private void Enable()
    {
        _rig.Host.EnableSnp();
        _reference.EnableSnp();
    }

    private void Step()
    {
        int choice = _random.Next(1000);
        _touched = HostMachine.AnyPage(_random);
        switch (choice)
        {
            case < 250: Assign(_touched, large: false); break;
            case < 320: Assign(HostMachine.AnyRegion(_random), large: true); break;
            case < 330: Assign(_touched, large: true); break;
            case < 560: Release(_touched, large: false); break;
            case < 640: Release(HostMachine.AnyRegion(_random), large: true); break;
            case < 700: PSmash(_random.Next(8) == 0 ? _touched : HostMachine.AnyRegion(_random)); break;
            case < 960: Write(_touched + (ulong)_random.Next(0x1000)); break;
            case < 988: ReleaseRegion(HostMachine.AnyRegion(_random)); break;
            case < 991: Assign(_touched + 8, large: false); break;
            case < 999: SplitForOthers(_touched, mark: _random.Next(60) == 0); break;
            default: Fix(_touched); break;
        }
    }

    private void Assign(ulong page, bool large)
    {
        (RmpUpdateOperand operand, ReferenceUpdateInput input) = HostMachine.AnyAssignment(_random, large);
        Update(page, operand, input);
    }

    private void Release(ulong page, bool large) =>
        Update(page, HostRig<TPolicy>.Releasing(large ? PageSize.Size2M : PageSize.Size4K), ReferenceUpdateInput.Release(large));

    private void Update(ulong page, RmpUpdateOperand operand, ReferenceUpdateInput input)
    {
        _touched = page;
        HostUpdate result = _rig.Host.RmpUpdate(At(page), operand);
        ReferenceHostResult expected = _reference.RmpUpdate(page, input);
        HostUpdateStatus status = expected.Status switch
        {
            ReferenceHostStatus.NotEnabled => HostUpdateStatus.NotEnabled,
            ReferenceHostStatus.SplitFailed => HostUpdateStatus.SplitFailed,
            ReferenceHostStatus.NotMemory => HostUpdateStatus.NotRam,
            _ => expected.Succeeded ? HostUpdateStatus.Done : HostUpdateStatus.UpdateFailed,
        };
        Assert.Equal(status, result.Status);
        if (expected.Status == ReferenceHostStatus.Executed) Compare(expected.Instruction, result.Instruction!.Value);
        if (status == HostUpdateStatus.SplitFailed) Seen = Seen with { SplitFailed = Seen.SplitFailed + 1 };
    }

    private void PSmash(ulong page)
    {
        _touched = page;
        Compare(_reference.PSmash(page), _rig.Host.PSmash(At(page)));
    }

    private void ReleaseRegion(ulong region)
    {
        Release(region, large: true);
        for (ulong page = region; page < region + Large; page += Small)
        {
            Release(page, large: false);
        }
    }

    private void Write(ulong address)
    {
        WalkResult read = _rig.Host.Access(At(address), AccessKind.Read);
        Assert.Equal(_reference.DirectMap.FindLeaf(address) is not null, read.IsMapped);
        ReferenceWriteOutcome outcome = WriteHere(address);
        Assert.Equal(_reference.Write(address), outcome);
        if (outcome == ReferenceWriteOutcome.Handled) Seen = Seen with { Handled = Seen.Handled + 1 };
        if (outcome == ReferenceWriteOutcome.Fatal) Seen = Seen with { Fatal = Seen.Fatal + 1 };
    }

    private ReferenceWriteOutcome WriteHere(ulong address)
    {
        WalkResult result = _rig.Write(address);
        if (result.IsMapped) return ReferenceWriteOutcome.Done;
        if (result.Status != WalkStatus.RmpViolation) return ReferenceWriteOutcome.NotMapped;
        Assert.Equal(0x8000_0003U, result.ErrorCode);
        FaultOutcome handled = _rig.Handle(address, result.ErrorCode);
        if (handled == FaultOutcome.Fatal) return ReferenceWriteOutcome.Fatal;
        Assert.Equal(FaultOutcome.Split, handled);
        return _rig.Write(address).IsMapped ? ReferenceWriteOutcome.Handled : ReferenceWriteOutcome.Fatal;
    }

    private void SplitForOthers(ulong page, bool mark)
    {
        SplitStatus status = _rig.Map.SetMemory4K(At(page), 1, mark);
        ReferenceSplitResult expected = _reference.DirectMap.Split(page, mark ? ReferenceMark.Other : ReferenceMark.None);
        Assert.Equal(expected == ReferenceSplitResult.OutOfTablePages, status == SplitStatus.OutOfTablePages);
    }

    // As SNP_INIT leaves pages that the hypervisor must keep: Immutable and unassigned.
    private void Fix(ulong page)
    {
        if (!_reference.SnpEnabled || !_reference.Rmp.Geometry.IsCovered(page)) return; // firmware writes the table once SNP is on
        RmpEntry entry = _rig.Entry(page);
        if (entry.Assigned || entry.SubpageCount != 0) return;
        _reference.Rmp.PokeHvFixed(page);
        Assert.True(_rig.Table.TryWriteRaw(At(page), entry with { Immutable = true }));
    }

    private static void Compare(ReferenceResult expected, RmpResult result)
    {
        Assert.Equal((int)expected.Fault, (int)result.Fault);
        if (expected.Fault == ReferenceFault.None) Assert.Equal((int)expected.Code, (int)result.Status);
    }

    private void CompareCounters()
    {
        DirectMapStatistics now = _rig.Map.Statistics;
        ReferenceDirectMap map = _reference.DirectMap;
        DirectMapStatistics expected = new(
            map.Leaves4K, map.Leaves2M, map.Leaves1G, map.PeakLeaves4K, map.Splits2M, map.Splits1G, map.Rejoins2M, map.Rejoins1G,
            _tablesAtStart + map.SplitTablePages, _tablesAtStart + map.PeakTablePages, map.GlobalFlushes, map.RangedFlushes);
        Assert.Equal(expected, now);
    }

    private void ComparePage(ulong page)
    {
        ReferenceLeaf? leaf = _reference.DirectMap.FindLeaf(page);
        Assert.Equal(leaf is not null, _rig.Map.TryGetMapping(At(page), out PageSize size));
        if (leaf is not null)
        {
            Assert.Equal((int)leaf.Size, (int)size);
            (_, ulong value, int level) = Leaf(_rig.Map, page);
            Assert.Equal(leaf.Mark != ReferenceMark.None, (value & 0x800) != 0);
            Assert.Equal(_reference.DirectMap.TableFlags(page, level + 1), Entry(_rig.Map, page, level + 1).Value & 0xFFFUL);
        }

        if (!_reference.Rmp.Geometry.IsCovered(page)) return;
        CompareEntry(page);
        CompareEntry(page & ~(Large - 1));
    }

    private void CompareEntry(ulong page)
    {
        ReferenceEntry expected = _reference.Rmp.Read(page);
        RmpEntry entry = _rig.Entry(page);
        Assert.Equal((expected.ToLow(), expected.ToHigh()), (entry.Low, entry.High));
    }

    private void CompareAll()
    {
        foreach (ReferenceLeaf leaf in _reference.DirectMap.Leaves)
        {
            Assert.True(_rig.Map.TryGetMapping(At(leaf.Address), out PageSize size) && (int)size == (int)leaf.Size);
        }

        foreach (ulong region in HostMachine.HotRegions)
        {
            if (!_reference.Rmp.Geometry.IsCovered(region)) continue;
            for (ulong page = region; page < region + Large; page += Small)
            {
                CompareEntry(page);
            }
        }

        for (uint asid = 0; asid < 4; asid++)
        {
            Assert.Equal(_reference.Rmp.Counter(asid), (long)_rig.Table.AssignedPages(asid));
        }

        Assert.Equal(
            _reference.DirectMap.CountTablePages(_rig.Map.State.Mode == PagingMode.FiveLevel ? 5 : 4), _rig.Map.Statistics.TablePages);
    }
}
