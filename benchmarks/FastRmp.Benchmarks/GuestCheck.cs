using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>The checks of a guest's private access to validated 4 KiB pages, at VMPL0; pages in random order.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class GuestCheck
{
    private GuestWorkload? _guest;

    /// <summary>What the guest does.</summary>
    [Params(GuestAccessKind.Read, GuestAccessKind.Write)]
    public GuestAccessKind Kind { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _guest = new GuestWorkload(isValidated: true);
        AgreeOnFaults();
        Agreement.Require(FastRmp(), C());
    }

    [GlobalCleanup]
    public void Cleanup() => _guest!.Dispose();

    [Benchmark(OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong FastRmp() => Managed(vmpl: 0);

    [Benchmark(Baseline = true, OperationsPerInvoke = GuestWorkload.Pages)]
    public ulong C() => Native(vmpl: 0);

    /// <summary>All accesses that are measured pass; VMPL1 may not write, VMPL2 not even read.</summary>
    private void AgreeOnFaults()
    {
        for (byte vmpl = 0; vmpl < 4; vmpl++)
        {
            Agreement.Require(Managed(vmpl), Native(vmpl));
        }
    }

    private ulong Managed(byte vmpl)
    {
        ReverseMapTable<ContiguousGeometry> table = _guest!.Rmp.Table;
        GuestAccess access = new(GuestWorkload.Asid, vmpl, Cpl: 0, Kind, IsPrivate: true);
        NestedPage* pages = _guest.SmallPages;
        ulong sum = 0;
        for (int i = 0; i < GuestWorkload.Pages; i++)
        {
            sum += GuestWorkload.Digest(RmpCheck.Guest(table, access, pages[i]));
        }

        return sum;
    }

    private ulong Native(byte vmpl)
    {
        NativeGuestAccess* access = (NativeGuestAccess*)_guest!.Rmp.Spare;
        *access =
            new NativeGuestAccess { Asid = GuestWorkload.Asid, Vmpl = vmpl, Cpl = 0, Kind = (byte)Kind, IsPrivate = 1, IsSnpGuest = 1 };
        return NativeBaselines.GuestCheck(_guest.Rmp.NativeTable, access, _guest.SmallPages, GuestWorkload.Pages);
    }
}
