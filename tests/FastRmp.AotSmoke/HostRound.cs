using System;
using FastRmp.DirectMap;
using FastRmp.Paging;

namespace FastRmp.AotSmoke;

/// <summary>
/// The host kernel: a page is assigned, a write beside it faults through the direct map, the handler splits, the page is released and the
/// map joined.
/// </summary>
internal sealed class HostRound : IDisposable
{
    private static readonly PhysicalAddress Page = PhysicalAddress.Create(0x4040_1000);
    private static readonly RmpUpdateOperand Assign = new RmpUpdateOperand { Assigned = true, Asid = 5, Gpa = 0x1234_5000 };

    private readonly ReverseMapTable<ContiguousGeometry> _table;
    private readonly HostDirectMap _map;
    private readonly VirtualAddress[] _addresses = new VirtualAddress[40];
    private readonly WalkResult[] _results = new WalkResult[40];
    private readonly PagingStructureCache _cache;
    private readonly SnpHost<ContiguousGeometry, Rejoining<OnDemand>> _host;

    internal HostRound()
    {
        PhysicalRange ram = new(PhysicalAddress.Create(0x4000_0000), 0x4000_0000);
        _table = new ReverseMapTable<ContiguousGeometry>(
            ContiguousGeometry.Covering(PhysicalAddress.Create(0x1_0000_0000), ram.End), ProcessorModel.Genoa);
        _map = new HostDirectMap([ram], new DirectMapOptions { TableBase = PhysicalAddress.Create(0x2_0000_0000) });
        _cache = new PagingStructureCache(_map.State);
        _host = new SnpHost<ContiguousGeometry, Rejoining<OnDemand>>(_table, _map);
        Expect.That(_host.RmpUpdate(Page, Assign).Status == HostUpdateStatus.NotEnabled, "an update before SNP is enabled is refused");
        _host.EnableSnp();
    }

    internal void Run(int round)
    {
        Translate();
        Expect.That(_host.RmpUpdate(Page, Assign).IsDone, "the page is assigned");
        PhysicalAddress neighbour = Page + 0x1000;
        WalkResult refused = _host.Access(neighbour, AccessKind.Write);
        Expect.That(
            refused is { Status: WalkStatus.RmpViolation, ErrorCode: 0x8000_0003, Size: PageSize.Size1G },
            "a write beside it faults through the large mapping");
        Expect.That(
            _host.HandlePageFault(_map.ToVirtual(neighbour), new PageFaultErrorCode(refused.ErrorCode)) == FaultOutcome.Split,
            "the handler splits");
        Expect.That(_host.Access(neighbour, AccessKind.Write) is { IsMapped: true, Size: PageSize.Size4K }, "the repeated write succeeds");
        Expect.That(_host.Access(Page, AccessKind.Write).Status == WalkStatus.RmpViolation, "a write to the page itself still faults");
        Expect.That(
            RmpCheck.Host(_table, AccessKind.Write, Page, PageSize.Size4K, isUser: true).Value == 0x8000_0007,
            "a user's write faults, too");
        Expect.That(
            !RmpCheck.Device(_table, AccessKind.Write, Page, PageSize.Size4K)
                && RmpCheck.Device(_table, AccessKind.Write, neighbour, PageSize.Size4K),
            "a device is kept off the page");
        Expect.That(
            AssignedScan.Count(_table.Region(Page)) == 1 && AssignedScan.IndexOfFirst(_table.Region(Page)) == 1, "the scan finds the page");
        Expect.That(_host.RmpUpdate(Page, default).IsDone && !AssignedScan.Any(_table.Region(Page)), "the page is released");
        DirectMapStatistics statistics = _map.Statistics;
        Expect.That(
            statistics.Leaves1G == 1 && statistics.Splits1G == round + 1 && statistics.Rejoins1G == round + 1,
            "the direct map is whole again");
    }

    // A batch, from the root and through the cache, and the listing: the same single page of 1 GiB.
    private void Translate()
    {
        PinnedMemoryView view = _map.View();
        PagingState state = _map.State;
        _addresses.AsSpan().Fill(_map.ToVirtual(Page));
        PageWalker.Translate(ref view, state, _addresses, MemoryAccess.KernelWrite, _results);
        Expect.That(
            Array.TrueForAll(_results, static result => result is { IsMapped: true, Size: PageSize.Size1G } && result.Address == Page),
            "a batch of walks finds the page");
        PageWalker.Translate(ref view, _cache, _addresses, MemoryAccess.KernelWrite, _results);
        Expect.That(
            _results[^1] == PageWalker.Translate(ref view, _cache, _addresses[0], MemoryAccess.KernelWrite) && _results[^1].Address == Page,
            "through the cache, too");
        _cache.InvalidateAll();
        MappingEnumerator<PinnedMemoryView> mappings = new(view, state);
        Expect.That(mappings.MoveNext() && mappings.Current.Size == PageSize.Size1G && !mappings.MoveNext(), "the listing has one mapping");
    }

    public void Dispose()
    {
        _map.Dispose();
        _table.Dispose();
    }
}
