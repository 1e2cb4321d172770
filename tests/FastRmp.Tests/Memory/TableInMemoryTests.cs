using System;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using FastRmp.Paging;
using FastRmp.Tests.Support;
using Xunit;

namespace FastRmp.Tests.Memory;

/// <summary>A table over memory that is not its own: the RAM of an emulator's machine, the file of a dump.</summary>
public sealed unsafe class TableInMemoryTests
{
    private const ulong RamBytes = 0x80_0000;

    private static readonly ContiguousGeometry Geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x40_0000), RamBytes);

    [Fact]
    public void An_RMP_stands_in_the_RAM_that_it_covers()
    {
        byte* ram = (byte*)NativeMemory.AlignedAlloc((nuint)RamBytes, 0x1000);
        try
        {
            new Span<byte>(ram, (int)RamBytes).Clear();
            using PinnedMemory memory = PinnedMemory.Borrow(ram, RamBytes);
            using PinnedMemory storage = memory.Slice(Geometry.Base.Value, Geometry.StorageBytes);
            using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Over(storage, RmpRegisters.Of(Geometry), [], ProcessorModel.Genoa);
            table.ClaimOwnPages();
            PhysicalAddress page = PhysicalAddress.Create(0x3000);
            Assert.True(table.RmpUpdate(page, new RmpUpdateOperand { Assigned = true, Asid = 5, Gpa = 0x7000 }).IsSuccess);
            Assert.True(Geometry.TryGetEntryAddress(page, out PhysicalAddress entry));
            Machine machine = new(memory);
            Assert.True(machine.Ram.TryRead(entry, out ulong low));
            Assert.Equal((true, 5, 0x7000UL), (new RmpEntry(low, 0).Assigned, new RmpEntry(low, 0).Asid, new RmpEntry(low, 0).Gpa.Value));
            Assert.Equal(*(ulong*)(ram + entry.Value), low);
            Assert.Equal(PageState.Firmware, table.StateOf(entry));

            // What the emulated machine writes into its RAM is what the table says.
            *(ulong*)(ram + entry.Value) = 0;
            Assert.Equal(PageState.Hypervisor, table.StateOf(page));
        }
        finally
        {
            NativeMemory.AlignedFree(ram);
        }
    }

    [Fact]
    public void A_machine_keeps_its_memory_in_a_field_and_walks_it_with_the_RMP_check()
    {
        using PinnedMemory memory = PinnedMemory.Allocate(RamBytes);
        using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Over(
            memory.Slice(Geometry.Base.Value, Geometry.StorageBytes), RmpRegisters.Of(Geometry), [], ProcessorModel.Genoa);
        table.ClaimOwnPages();
        Machine machine = new(memory);
        Write(memory, 0x1000, 0x2003);
        Write(memory, 0x2000, 0x3003);
        Write(memory, 0x3000, 0x4003);
        Write(memory, 0x4000, 0x5003);
        Write(memory, 0x4008, Geometry.Base.Value | 3);
        WalkResult walk = machine.Write(table, 0x123);
        Assert.Equal((WalkStatus.Mapped, 0x5123UL), (walk.Status, walk.Address.Value));
        Assert.Equal(WalkStatus.RmpViolation, machine.Write(table, 0x1000).Status);
        Assert.Equal(0x5063, BitConverter.ToInt32(memory.ReadOnlySpan(0x4000, 4)));
        ulong sum = 0;
        Allocations.RequireNone(() => sum += machine.Write(table, 0x123).Address.Value + machine.Write(table, 0x1000).ErrorCode);
        Assert.NotEqual(0UL, sum);
    }

    [Fact]
    public void A_raw_dump_lies_under_a_table_without_a_copy_and_stays_as_it_is()
    {
        string path = Path.GetTempFileName();
        try
        {
            using (PinnedMemory storage = PinnedMemory.Allocate(Geometry.StorageBytes))
            {
                using ReverseMapTable<ContiguousGeometry> before = new(Geometry, storage, ProcessorModel.Genoa, ModelChoices.Default);
                before.ClaimOwnPages();
                Assert.True(
                    before.RmpUpdate(
                        PhysicalAddress.Create(0x20_0000),
                        new RmpUpdateOperand { Assigned = true, Asid = 9, PageSize = PageSize.Size2M }).IsSuccess);
                File.WriteAllBytes(path, storage.ReadOnlySpan(0, (int)Geometry.StorageBytes).ToArray());
            }

            byte[] dump = File.ReadAllBytes(path);
            using PinnedMemory file = PinnedMemory.OpenFile(path, MemoryMappedFileAccess.CopyOnWrite);
            using ReverseMapTable<RmpGeometry> table = ReverseMapTable.Over(file, RmpRegisters.Of(Geometry), [], ProcessorModel.Genoa);
            Assert.Equal(512UL, table.AssignedPages(9));
            Assert.True(table.PSmash(ExecutionState.Host, PhysicalAddress.Create(0x20_0000)).IsSuccess);
            Assert.True(table.RmpUpdate(PhysicalAddress.Create(0x20_1000), default).IsSuccess);
            Assert.Equal(511UL, table.AssignedPages(9));
            Assert.Equal(dump, File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Storage_of_an_owner_that_is_gone_and_storage_too_small_are_refused()
    {
        PinnedMemory memory = PinnedMemory.Allocate(RamBytes);
        PinnedMemory storage = memory.Slice(Geometry.Base.Value, Geometry.StorageBytes);
        PinnedMemory small = memory.Slice(Geometry.Base.Value, 0x4000);
        Assert.Throws<ArgumentOutOfRangeException>(
            "storage", () => ReverseMapTable.Over(small, RmpRegisters.Of(Geometry), [], ProcessorModel.Genoa));
        memory.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ReverseMapTable.Over(storage, RmpRegisters.Of(Geometry), [], ProcessorModel.Genoa));
    }

    private static void Write(PinnedMemory memory, ulong offset, ulong value) =>
        BitConverter.TryWriteBytes(memory.Span(offset, sizeof(ulong)), value);

    private sealed class Machine(PinnedMemory memory)
    {
        private readonly PagingState _state = new(PhysicalAddress.Create(0x1000), PagingMode.FourLevel, ProcessorModel.Genoa);

        private PinnedMemoryView _ram = memory.View(default);

        internal PinnedMemoryView Ram => _ram;

        internal WalkResult Write(ReverseMapTable<RmpGeometry> table, ulong address)
        {
            HostRmpCheck<RmpGeometry> check = new(table);
            return PageWalker.Access(ref _ram, _state, new VirtualAddress(address), MemoryAccess.KernelWrite, ref check);
        }
    }
}
