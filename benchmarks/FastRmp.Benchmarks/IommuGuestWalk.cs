using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Iommu;

namespace FastRmp.Benchmarks;

/// <summary>A device's write with a PASID through its device table entry, the GCR3 table of one level and guest tables of four to a 4 KiB
/// page, alone or over host tables. Each needs the result of the one before: what one request takes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class IommuGuestWalk
{
    private readonly ulong _zero = System.Environment.GetCommandLineArgs().Length == 0 ? 1UL : 0UL; // zero, but not to the compiler

    private GuestIommuWorkload? _work;

    /// <summary>Levels of the host's tables; 0 for none.</summary>
    [Params(0, 3)]
    public int HostLevels { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _work = new GuestIommuWorkload(HostLevels);
        foreach (uint pasid in new[] { 0U, 600U })
        {
            Agreement.Require(Managed(pasid, isWrite: false), Native(pasid, isWrite: false)); // not in the GCR3 table
        }

        Agreement.Require(Managed(GuestIommuWorkload.Pasid, isWrite: false), Native(GuestIommuWorkload.Pasid, isWrite: false));
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _work!.Dispose();

    [Benchmark(OperationsPerInvoke = GuestIommuWorkload.Walks)]
    public ulong FastRmp() => Managed(GuestIommuWorkload.Pasid, isWrite: true);

    [Benchmark(Baseline = true, OperationsPerInvoke = GuestIommuWorkload.Walks)]
    public ulong C() => Native(GuestIommuWorkload.Pasid, isWrite: true);

    private ulong Managed(uint pasid, bool isWrite)
    {
        PinnedMemoryView memory = _work!.View();
        IommuState iommu = _work.Iommu;
        NoCheck check = default;
        ulong* addresses = _work.Addresses;
        ulong zero = _zero;
        ulong last = 0;
        ulong sum = 0;
        for (int i = 0; i < GuestIommuWorkload.Walks; i++)
        {
            IommuRequest request = new(new DeviceAddress(addresses[i] + (last & zero)), isWrite, pasid);
            last = GuestIommuWorkload.Digest(IommuWalker.Translate(ref memory, iommu, GuestIommuWorkload.Device, request, ref check));
            sum += last;
        }

        return sum;
    }

    private ulong Native(uint pasid, bool isWrite) =>
        NativeBaselines.IommuGuestWalk(
            _work!.NativeMemory, _work.NativeState, null, pasid, isWrite ? 1U : 0U, _work.Addresses, GuestIommuWorkload.Walks, _zero);
}
