using System;
using System.Runtime.InteropServices;
using FastRmp.Addressing;
using FastRmp.Benchmarks.Native;
using FastRmp.Layouts;
using FastRmp.Memory;
using FastRmp.Model;
using FastRmp.Rmp;

namespace FastRmp.Benchmarks.Data;

/// <summary>One RMP for the library and for C: the storage is the same, C gets its pointer.</summary>
internal sealed unsafe class RmpWorkload : IDisposable
{
    private readonly PinnedMemory _storage;
    private readonly NativeBlock _native;

    /// <summary>Makes an empty table.</summary>
    /// <param name="coveredBytes">Bytes that it covers.</param>
    internal RmpWorkload(ulong coveredBytes)
    {
        ContiguousGeometry geometry = ContiguousGeometry.Covering(default, coveredBytes);
        _storage = PinnedMemory.Allocate(geometry.StorageBytes);
        Table = new ReverseMapTable<ContiguousGeometry>(geometry, _storage, ProcessorModel.Genoa, ModelChoices.Default);
        _native = new NativeBlock();
        ProcessorModel model = Table.Processor;
        *NativeTable = new NativeRmpTable
        {
            Words = (ulong*)_storage.Origin,
            CoveredPages = geometry.CoveredPages,
            GpaMask = model.GpaMask,
            Vmpl0 = (ulong)model.FullVmpl0Permissions,
            MaxAsid = model.MaxAsid,
            Choices = 0, // the defaults, as the managed table's
        };
        *NativeProcessor = new NativeProcessor { Is64Bit = 1, Cpl = 0, Asid = 0, SnpEnabled = 1 };
    }

    internal ReverseMapTable<ContiguousGeometry> Table { get; }

    internal NativeRmpTable* NativeTable => (NativeRmpTable*)_native.Pointer;

    internal NativeProcessor* NativeProcessor => (NativeProcessor*)(_native.Pointer + 64);

    /// <summary>An assigning operand; the same 16 bytes for both sides.</summary>
    internal RmpUpdateOperand* Assign => (RmpUpdateOperand*)(_native.Pointer + 128);

    /// <summary>A releasing operand.</summary>
    internal RmpUpdateOperand* Release => (RmpUpdateOperand*)(_native.Pointer + 192);

    /// <summary>Chooses the operands of a pair.</summary>
    /// <param name="size">The size of the page.</param>
    internal void SetOperands(PageSize size)
    {
        *Assign = default(RmpUpdateOperand).WithAssigned(true).WithAsid(1).WithGpa(0x4000_0000UL).WithPageSize(size);
        *Release = default(RmpUpdateOperand).WithPageSize(size);
    }

    /// <summary>Both sides must leave the table as they found it; else a row would measure another thing than the next.</summary>
    internal void RequireEmpty()
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(_storage.ReadOnlySpan(0, (int)_storage.Length));
        if (words.ContainsAnyExcept(0UL)) throw new InvalidOperationException("The pairs of updates did not restore the table.");
    }

    public void Dispose()
    {
        _native.Dispose();
        Table.Dispose();
        _storage.Dispose();
    }
}
