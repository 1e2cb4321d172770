using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Benchmarks.Native;

namespace FastRmp.Benchmarks.Data;

/// <summary>One RMP for the library and for C: the storage is the table's own, C gets its pointer. What is kept outside the table, counters
/// by ASID too, each has for itself.</summary>
internal sealed unsafe class RmpWorkload<TGeometry> : IDisposable
    where TGeometry : struct, IRmpGeometry
{
    // The table's default choices as fastrmp_bench.h has them: LOCK_FOLLOWS_IMMUTABLE, OPT_KEPT_ON_RELEASE.
    private const uint DefaultChoices = 0x20 | 0x1_0000;
    private const uint InUseWritable = 0x4_0000; // CHOICE_IN_USE_WRITABLE and _ERRATUM of fastrmp_bench.h
    private const uint InUseErratum = 0x8_0000;

    private const int CounterBytes = 65 * (128 + 2048) * sizeof(ulong); // of all places in counters.h
    private const uint SomeAsid = 1;

    private readonly NativeBlock _native = new();
    private readonly NativeBlock _beside = new();
    private readonly NativeBlock _counters = new((CounterBytes / 4096) + 1);
    private readonly int _bytes;

    /// <summary>Makes an empty table.</summary>
    /// <param name="geometry">Where its entries are.</param>
    /// <param name="model">The processor.</param>
    internal RmpWorkload(TGeometry geometry, ProcessorModel model)
    {
        _bytes = (int)geometry.StorageBytes;
        Table = new ReverseMapTable<TGeometry>(geometry, model);
        *NativeTable = new NativeRmpTable
        {
            Words = (ulong*)Unsafe.AsPointer(ref Table.Protocol.Entries.Low(0)), // pinned
            CoveredPages = geometry.CoveredPages,
            GpaMask = model.GpaMask,
            Vmpl0 = (ulong)model.FullVmpl0Permissions,
            BlockedBase = RmpEntry.PageSizeMask,
            Versions = (ulong*)_beside.Pointer,
            Counters = (ulong*)_counters.Pointer,
            InUse = (ulong*)(_native.Pointer + 256),
            MaxAsid = model.MaxAsid,
            Choices = DefaultChoices | (model.HasHvInUseWrAllowed ? InUseWritable : 0) | (model.HasInUse2MErratum ? InUseErratum : 0),
            HasRmpRead = model.HasRmpRead ? 1U : 0,
        };
        Bytes.Clear(); // what is never written would be read from one page of zeros
        *NativeProcessor = new NativeProcessor { Is64Bit = 1, Cpl = 0, Asid = 0, SnpEnabled = 1, Vmpl = 0, SnpGuest = 0 };
    }

    internal ReverseMapTable<TGeometry> Table { get; }

    internal NativeRmpTable* NativeTable => (NativeRmpTable*)_native.Pointer;

    /// <summary>The host kernel, unless a workload makes it a guest's.</summary>
    internal NativeProcessor* NativeProcessor => (NativeProcessor*)(_native.Pointer + 128);

    /// <summary>An assigning operand; the same 16 bytes for both sides.</summary>
    internal RmpUpdateOperand* Assign => (RmpUpdateOperand*)(_native.Pointer + 512);

    /// <summary>A releasing operand.</summary>
    internal RmpUpdateOperand* Release => (RmpUpdateOperand*)(_native.Pointer + 576);

    /// <summary>Room for a structure of the workload's own.</summary>
    internal byte* Spare => _native.Pointer + 1024;

    private Span<byte> Bytes => new(NativeTable->Words, _bytes);

    private ulong Counted => Table.AssignedPages(SomeAsid);

    private ulong NativeCounted => NativeBaselines.RmpUpdateCounted(NativeTable, SomeAsid);

    /// <summary>Chooses the operands of a pair.</summary>
    /// <param name="size">The size of the page.</param>
    internal void SetOperands(PageSize size)
    {
        *Assign = new RmpUpdateOperand { Assigned = true, Asid = 1, Gpa = 0x4000_0000UL, PageSize = size };
        *Release = new RmpUpdateOperand { PageSize = size };
    }

    /// <summary>Carries out an RMPUPDATE that has to succeed.</summary>
    internal void Update(ulong page, RmpUpdateOperand operand)
    {
        RmpResult result = Table.RmpUpdate(ExecutionState.Host, PhysicalAddress.Create(page), operand);
        if (!result.IsSuccess) throw new InvalidOperationException($"RMPUPDATE of 0x{page:x}: {result}.");
    }

    /// <summary>The first quadword of the entry of a page.</summary>
    internal ulong* EntryOf(PhysicalAddress page)
    {
        _ = Table.Geometry.TryGetIndex(page, out nuint index);
        return NativeTable->Words + (2 * index);
    }

    /// <summary>Both sides must do the same to the same table, down to the last bit, and answer the same; afterwards the table is as
    /// before.</summary>
    /// <param name="managed">What the library does.</param>
    /// <param name="native">What C does.</param>
    internal void RequireSameEffect(Func<ulong> managed, Func<ulong> native)
    {
        byte[] before = Bytes.ToArray();
        ulong counted = Counted;
        ulong nativeCounted = NativeCounted;
        ulong first = managed();
        byte[] after = Bytes.ToArray();
        before.CopyTo(Bytes);
        ulong second = native();
        if (!Bytes.SequenceEqual(after)) throw new InvalidOperationException("C# and C produce different tables.");
        before.CopyTo(Bytes);
        Agreement.Require(first, second);
        Agreement.Require(Counted - counted, NativeCounted - nativeCounted);
    }

    /// <summary>Both sides must leave the table as they found it; else a row would measure another thing than the next.</summary>
    internal void RequireEmpty()
    {
        if (MemoryMarshal.Cast<byte, ulong>(Bytes).ContainsAnyExcept(0UL))
        {
            throw new InvalidOperationException("The pairs of updates did not restore the table.");
        }
    }

    public void Dispose()
    {
        _counters.Dispose();
        _beside.Dispose();
        _native.Dispose();
        Table.Dispose();
    }
}
