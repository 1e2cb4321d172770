using System;
using System.Runtime.InteropServices;
using FastRmp.Benchmarks.Native;
using FastRmp.Paging;

namespace FastRmp.Benchmarks.Data;

/// <summary>A hypervisor whose two RMPUPDATE operands, assign and release, lie in a page that a four-level walk leads to.</summary>
internal sealed unsafe class OperandWorkload : IDisposable
{
    internal const int Pairs = 1024;

    private const ulong CoveredBytes = 0x80_0000UL;
    private const ulong PageBytes = 0x1000;
    private const ulong OperandPage = 4 * PageBytes; // behind a table of each level
    private const ulong VirtualBase = 0xFFFF_8000_0000_0000UL;

    private readonly PinnedMemory _memory = PinnedMemory.Allocate(OperandPage + PageBytes);
    private readonly RandomAddresses _pages =
        new(Pairs, 0, (int)(CoveredBytes >> PageSize.Size4K.Shift()), PageSize.Size4K.Bytes(), seed: 17);
    private readonly NativeBlock _native = new();

    internal OperandWorkload()
    {
        Rmp = Machines.Genoa(CoveredBytes);
        Rmp.SetOperands(PageSize.Size4K);
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(_memory.Span(0, (int)_memory.Length));
        const ulong Bits = PagingEntry.PresentMask | PagingEntry.WritableMask | PagingEntry.AccessedMask;
        for (ulong table = 0; table < OperandPage; table += PageBytes)
        {
            words[(int)(table + TableIndex(table)) / sizeof(ulong)] = (table + PageBytes) | Bits;
        }

        MemoryMarshal.Write(_memory.Span(OperandPage, RmpUpdateOperand.SizeInBytes), *Rmp.Assign);
        MemoryMarshal.Write(_memory.Span(OperandPage + RmpUpdateOperand.SizeInBytes, RmpUpdateOperand.SizeInBytes), *Rmp.Release);
        State = new PagingState(default, PagingMode.FourLevel, ProcessorModel.Genoa);
        *NativeMemory = new NativeWalkMemory { Zero = _memory.Pointer, Start = 0, LastQword = _memory.Length - sizeof(ulong) };
        *NativeState = NativeWalkState.From(State);
    }

    internal static ulong Assign => VirtualBase;

    internal static ulong Release => VirtualBase + RmpUpdateOperand.SizeInBytes;

    internal RmpWorkload<ContiguousGeometry> Rmp { get; }

    internal PagingState State { get; }

    internal PinnedMemoryView View => _memory.View(default);

    internal ulong* Pages => _pages.Pointer;

    internal NativeWalkMemory* NativeMemory => (NativeWalkMemory*)_native.Pointer;

    internal NativeWalkState* NativeState => (NativeWalkState*)(_native.Pointer + 64);

    public void Dispose()
    {
        _native.Dispose();
        _pages.Dispose();
        Rmp.Dispose();
        _memory.Dispose();
    }

    /// <summary>The byte of a table's entry: 256 in the first, for the upper half of the address space, else 0.</summary>
    private static ulong TableIndex(ulong table) => table == 0 ? PageBytes / 2 : 0;
}
