using System;
using BenchmarkDotNet.Attributes;
using FastRmp.Benchmarks.Data;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks;

/// <summary>What an emulator does for a store of the host's kernel with the RMP check on: asks a translation cache, walks if nothing is
/// found, stores. 256 random pages, one byte in each.</summary>
[MemoryDiagnoser(displayGenColumns: false)]
public unsafe class CheckedStore
{
    internal const int Pages = 256;
    internal const int Stores = Pages * Rounds;
    private const int Rounds = 16;
    private const int PageBytes = 4096;
    private const int LineBytes = 64;

    private WalkWorkload? _work;
    private TranslationCache<ContiguousGeometry>? _cache;
    private NativeBlock? _ram;
    private NativeBlock? _addresses;
    private NativeBlock? _tlb;

    /// <summary>Entries of the first level: all pages have one, a quarter, hardly any.</summary>
    [Params(1024, 64, 16)]
    public int Entries { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _work = new WalkWorkload();
        _ram = new NativeBlock(1024);
        _addresses = new NativeBlock();
        Random random = new(31);
        ulong* addresses = (ulong*)_addresses.Pointer;
        for (int i = 0; i < Pages; i++)
        {
            // Pages one after the other, each with its own line of the processor's cache, in random order.
            int line = random.Next(PageBytes / LineBytes);
            addresses[i] = _work.Map.VirtualBase.Value + (ulong)((i * PageBytes) + (line * LineBytes));
        }

        random.Shuffle(new Span<ulong>(addresses, Pages));
        _cache = new TranslationCache<ContiguousGeometry>(_work.Rmp.Table, Entries);
        _cache.LoadHost(_work.Map.State);
        MakeNative();
        ulong sum = FastRmp();
        Agreement.Require(sum, C());
        Agreement.Require(sum, Unchecked());
        if (Entries >= Pages) Agreement.Require(sum, CArray());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _tlb!.Dispose();
        _addresses!.Dispose();
        _ram!.Dispose();
        _work!.Dispose();
    }

    [Benchmark(OperationsPerInvoke = Stores)]
    public ulong FastRmp()
    {
        ulong sum = 0;
        for (int round = 0; round < Rounds; round++)
        {
            sum += Store(_cache!, _work!.Map.View(), (ulong*)_addresses!.Pointer, _ram!.Pointer);
        }

        return sum;
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Stores)]
    public ulong C()
    {
        ulong sum = 0;
        for (int round = 0; round < Rounds; round++)
        {
            sum += NativeBaselines.TlbStores(
                (NativeTlb*)_tlb!.Pointer, _work!.NativeMemory, _work.NativeState, _work.Rmp.NativeTable, (ulong*)_addresses!.Pointer,
                Pages, _ram!.Pointer);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Stores)]
    public ulong CArray()
    {
        ulong sum = 0;
        for (int round = 0; round < Rounds; round++)
        {
            sum += NativeBaselines.TlbArrayStores((NativeTlb*)_tlb!.Pointer, (ulong*)_addresses!.Pointer, Pages, _ram!.Pointer);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Stores)]
    public ulong Unchecked()
    {
        ulong sum = 0;
        for (int round = 0; round < Rounds; round++)
        {
            sum += Store((ulong*)_addresses!.Pointer, _work!.Map.VirtualBase.Value, _ram!.Pointer);
        }

        return sum;
    }

    private static ulong Store(TranslationCache<ContiguousGeometry> cache, PinnedMemoryView memory, ulong* addresses, byte* ram)
    {
        ulong sum = 0;
        for (int i = 0; i < Pages; i++)
        {
            VirtualAddress address = new(addresses[i]);
            if (!cache.TryTranslate(address, MemoryAccess.KernelWrite, out PhysicalAddress target))
            {
                target = cache.Translate(ref memory, address, MemoryAccess.KernelWrite).Address;
            }

            ram[target.Value] = (byte)i;
            sum += target.Value;
        }

        return sum;
    }

    private static ulong Store(ulong* addresses, ulong start, byte* ram)
    {
        ulong sum = 0;
        for (int i = 0; i < Pages; i++)
        {
            ulong target = addresses[i] - start;
            ram[target] = (byte)i;
            sum += target;
        }

        return sum;
    }

    /// <summary>Both levels behind the structure, in pages of their own.</summary>
    private void MakeNative()
    {
        int first = Math.Max(1, Entries * NativeTlb.FirstBytes / PageBytes);
        int second = Math.Max(1, 2 * Entries * NativeTlb.SecondBytes / PageBytes);
        int stamps = NativeTlb.Stamps * sizeof(ulong) / PageBytes;
        _tlb = new NativeBlock(1 + first + second + stamps);
        *(NativeTlb*)_tlb.Pointer = new NativeTlb
        {
            First = _tlb.Pointer + PageBytes,
            FirstMask = (ulong)Entries - 1,
            Second = _tlb.Pointer + ((1 + first) * PageBytes),
            SetMask = (ulong)(2 * Entries / NativeTlb.Ways) - 1,
            StampWords = (ulong*)(_tlb.Pointer + ((1 + first + second) * PageBytes)),
            Context = 1,
            Key = 1,
        };
    }
}
