using System;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;
using FastRmp.Firmware;

namespace FastRmp.Benchmarks;

/// <summary>Firmware's SNP_PAGE_UNSMASH of Pre-Guest pages. The 8 KiB of the region are copied back behind the table's back, by the same
/// function on both sides: a row of its own says how long that takes.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class PageUnsmash
{
    private const int Merges = 16;
    private const uint RegionBytes = 512 * RmpEntry.SizeInBytes;
    private const ulong CoveredBytes = 0x80_0000UL;
    private const ulong RmpBase = 0x4000_0000UL; // firmware refuses a region in which the RMP is

    private readonly NativeBlock _region = new(2);
    private RmpWorkload<ContiguousGeometry>? _rmp;
    private SevFirmware<ContiguousGeometry>? _firmware;
    private RandomAddresses? _pages;

    [GlobalSetup]
    public void Setup()
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(RmpBase), CoveredBytes);
        _rmp = new RmpWorkload<ContiguousGeometry>(geometry, ProcessorModel.Genoa);
        _firmware = new SevFirmware<ContiguousGeometry>(_rmp.Table);
        _firmware.Platform = _firmware.Platform with { IsSnpInitialized = true, IsRmpInitialized = true };
        for (ulong page = 0; page < CoveredBytes; page += PageSize.Size4K.Bytes())
        {
            ulong gpa = 0x8000_0000UL + (page & PageSize.Size2M.OffsetMask());
            _rmp.Update(page, new RmpUpdateOperand { Assigned = true, Immutable = true, Asid = 1, Gpa = gpa });
        }

        Unsafe.CopyBlock(_region.Pointer, _rmp.EntryOf(default), RegionBytes); // all four are alike
        _pages = new RandomAddresses(Merges, 0, (int)(CoveredBytes >> PageSize.Size2M.Shift()), PageSize.Size2M.Bytes(), seed: 43);
        AgreeOnOne();
        _rmp.EntryOf(PhysicalAddress.CreateUnchecked(_pages.Pointer[0]))[2 * 511] ^= RmpEntry.VmsaMask;
        AgreeOnOne();
        _rmp.EntryOf(PhysicalAddress.CreateUnchecked(_pages.Pointer[0]))[2 * 511] ^= RmpEntry.VmsaMask;
        Agreement.Require(FastRmp(), C());
        Agreement.Require(FastRmp(), CPlain());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _pages!.Dispose();
        _rmp!.Dispose();
        _region.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Merges)]
    public ulong FastRmp()
    {
        ulong* pages = _pages!.Pointer;
        ulong codes = 0;
        for (int i = 0; i < Merges; i++)
        {
            PhysicalAddress page = PhysicalAddress.CreateUnchecked(pages[i]);
            codes += (ulong)_firmware!.PageUnsmash(page);
            _ = NativeBaselines.Restore(_rmp!.NativeTable, pages + i, _region.Pointer, 1);
        }

        return codes;
    }

    /// <summary>The same protocol in C11 atomics.</summary>
    [Benchmark(Baseline = true, OperationsPerInvoke = Merges)]
    public ulong C() => NativeBaselines.Unsmash(_rmp!.NativeTable, _pages!.Pointer, _region.Pointer, Merges);

    /// <summary>For one thread only: what the protocol costs.</summary>
    [Benchmark(OperationsPerInvoke = Merges)]
    public ulong CPlain() => NativeBaselines.UnsmashPlain(_rmp!.NativeTable, _pages!.Pointer, _region.Pointer, Merges);

    /// <summary>What all others include.</summary>
    [Benchmark(OperationsPerInvoke = Merges)]
    public ulong CopyBack() => NativeBaselines.Restore(_rmp!.NativeTable, _pages!.Pointer, _region.Pointer, Merges);

    /// <summary>All three do the same to the first region, or refuse it.</summary>
    private void AgreeOnOne()
    {
        ulong* first = _pages!.Pointer;
        NativeRmpTable* table = _rmp!.NativeTable;
        Func<ulong> managed = () => IsRefused((ulong)_firmware!.PageUnsmash(PhysicalAddress.CreateUnchecked(first[0])));
        _rmp.RequireSameEffect(managed, () => IsRefused(NativeBaselines.Unsmash(table, first, null, 1)));
        _rmp.RequireSameEffect(managed, () => IsRefused(NativeBaselines.UnsmashPlain(table, first, null, 1)));
    }

    private static ulong IsRefused(ulong status) => status == 0 ? 0UL : 1;
}
