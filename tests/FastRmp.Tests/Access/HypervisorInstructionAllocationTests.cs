using System;
using System.Runtime.InteropServices;
using FastRmp.Paging;
using FastRmp.Tests.Rmp;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Access;

/// <summary>The register forms that write to memory, over pinned memory: no allocation, whether the walk has a bit to set or
/// not.</summary>
public sealed class HypervisorInstructionAllocationTests
{
    private const ulong TableBytes = 0x1000;
    private const ulong Operand = 4 * TableBytes; // behind a table of each level
    private const ulong Buffer = Operand + 0xFF9; // its end is on the next page
    private const ulong Page = 0x20_3000;
    private const ulong Flags = PagingEntry.PresentMask | PagingEntry.WritableMask;
    private const ulong Marks = PagingEntry.AccessedMask | PagingEntry.DirtyMask;

    private static readonly PagingState Paging = new(default, PagingMode.FourLevel, ProcessorModel.Turin);

    [Fact]
    public void Rmpupdate_and_rmpread_allocate_nothing_where_their_walk_marks_entries()
    {
        using PinnedMemory memory = PinnedMemory.Allocate(Operand + (2 * TableBytes));
        using ReverseMapTable<ContiguousGeometry> table = HypervisorRig.NewTable();
        PinnedMemoryView view = memory.View(default);
        MapIdentity(memory);
        MemoryMarshal.Write(memory.Span(Operand, RmpUpdateOperand.SizeInBytes), Operands.Assign(0x4000, 5));
        ulong completed = 0;
        Allocations.RequireNone(() =>
        {
            ClearMarks(memory);
            completed += Update(table, ref view) + Update(table, ref view) + Read(table, ref view) + Read(table, ref view);
        });
        Assert.NotEqual(0UL, completed);
        Assert.Equal(0UL, completed % 4);
        Assert.Equal(Marks, Leaf(memory, Buffer) & Marks);
        Assert.Equal(5U, table.Lookup(At(Page)).Entry.Asid);
    }

    private static ulong Update(ReverseMapTable<ContiguousGeometry> table, ref PinnedMemoryView view)
    {
        InstructionRegisters registers = new(Page, Operand);
        return HypervisorInstructions.RmpUpdate(table, ref view, Paging, ExecutionState.Host, registers).IsSuccess ? 1UL : 0;
    }

    private static ulong Read(ReverseMapTable<ContiguousGeometry> table, ref PinnedMemoryView view)
    {
        InstructionRegisters registers = new(Page, Buffer);
        return HypervisorInstructions.RmpRead(table, ref view, Paging, ExecutionState.Host, registers).IsSuccess ? 1UL : 0;
    }

    /// <summary>A table of each level, then six pages at their own addresses.</summary>
    private static void MapIdentity(PinnedMemory memory)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(memory.Span(0, (int)memory.Length));
        for (ulong table = 0; table < 3 * TableBytes; table += TableBytes)
        {
            words[(int)(table / sizeof(ulong))] = (table + TableBytes) | Flags;
        }

        for (ulong page = 0; page < 6; page++)
        {
            words[(int)((3 * TableBytes / sizeof(ulong)) + page)] = (page * TableBytes) | Flags;
        }
    }

    private static void ClearMarks(PinnedMemory memory)
    {
        foreach (ref ulong entry in MemoryMarshal.Cast<byte, ulong>(memory.Span(0, (int)Operand)))
        {
            entry &= ~Marks;
        }
    }

    private static ulong Leaf(PinnedMemory memory, ulong address) =>
        MemoryMarshal.Read<ulong>(memory.ReadOnlySpan((3 * TableBytes) + (address / TableBytes * sizeof(ulong)), sizeof(ulong)));
}
