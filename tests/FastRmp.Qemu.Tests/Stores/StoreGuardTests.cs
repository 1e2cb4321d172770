using System;
using System.Collections.Generic;
using System.Linq;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Stores;

public sealed class StoreGuardTests : IDisposable
{
    private const ulong Assigned = 0x20_5000UL;
    private const ulong Bar = 0xE000_0000UL;
    private const ulong Place = Bar + 0x2_0000;
    private const ulong Writable = 2;
    private readonly TestHost _host = new TestHost().Enabled();
    private readonly FakeDevice _device = new();

    public StoreGuardTests()
    {
        _host.RmpUpdate(Assigned, new RmpUpdateOperand { Gpa = 0x1234_5000UL, Assigned = true, Asid = 5 });
        _host.Core.State = GuestState.Of(_host.Processor);
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [InlineData(Assigned + 0x678, true)]
    [InlineData(0x20_0000UL, true)] // beside it, through the mapping of 2 MiB
    [InlineData(0x1F_FFFCUL, true)] // over its first byte
    [InlineData(0x1F_FFF8UL, false)]
    [InlineData(0x40_0000UL, false)]
    [InlineData(0x3FE0_0000UL, false)] // not mapped
    public void A_forbidden_store_meets_a_page_that_is_read_only(ulong physical, bool isForbidden)
    {
        Dictionary<GuestRegister, ulong> before = _host.Processor.Snapshot();
        Assert.Equal(isForbidden, Foresee(physical));
        Assert.Equal(isForbidden ? Place : before[GuestRegister.Cr3], _host.Processor[GuestRegister.Cr3]);
        if (!isForbidden) return;
        Assert.Equal((Place + 0x1000) | 0x63, Quadword(Place + (0x111 * 8)));
        Assert.Equal((Place + 0x2000) | 0x63, Quadword(Place + 0x1000));
        for (ulong i = 0; i < 511; i++)
        {
            Assert.Equal((i << 21) | 0xE3UL & ~(i == 1 ? Writable : 0), Quadword(Place + 0x2000 + (i * 8)));
        }

        Assert.Equal(0x20_00E3UL, _host.Ram.Read(0x3008));
    }

    [Fact]
    public void The_fault_gets_the_RMP_bit_and_the_kernel_its_tables()
    {
        Assert.True(Foresee(Assigned + 8));
        Fault(TestRam.Direct + Assigned + 8, 3, FakeProcessor.KernelCode);
        Assert.Equal(InstructionStep.Emulator, StoreGuard.Enter(_host.Machine, _host.Core, _host.Processor));
        Assert.Equal(TestRam.Root, _host.Processor[GuestRegister.Cr3]);
        Assert.Equal(0x8000_0003UL, Top());
        Assert.Contains(
            $" cpu0 fault spa=0x205008 va=0x{TestRam.Direct + Assigned + 8:x} rip=0x{TestHost.Rip:x} size=2m code=0x80000003 entry=0x205000:",
            _host.Trace.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, _host.Core.Violations.All.Single().Count);
        Assert.Equal(InstructionStep.Emulator, StoreGuard.Enter(_host.Machine, _host.Core, _host.Processor)); // an ordinary fault
        Assert.Equal(0x8000_0003UL, Top());
    }

    [Fact]
    public void A_fault_that_paging_finds_first_stays_as_it_is()
    {
        Assert.True(Foresee(Assigned));
        Fault(TestRam.Direct + Assigned, 7, FakeProcessor.UserCode); // a supervisor's page
        Assert.Equal(InstructionStep.Emulator, StoreGuard.Enter(_host.Machine, _host.Core, _host.Processor));
        Assert.Equal(7UL, Top());
        Assert.Equal(TestRam.Root, _host.Processor[GuestRegister.Cr3]);
        Assert.True(Foresee(Assigned));
        Fault(TestRam.Hole, 0, FakeProcessor.KernelCode); // what it reads is not mapped
        Assert.Equal(InstructionStep.Emulator, StoreGuard.Enter(_host.Machine, _host.Core, _host.Processor));
        Assert.Equal(0UL, Top());
        Assert.Empty(_host.Core.Violations.All);
    }

    [Fact]
    public void What_another_processor_has_freed_meanwhile_is_stored_once_more()
    {
        Assert.True(Foresee(Assigned));
        Fault(TestRam.Direct + Assigned, 3, FakeProcessor.KernelCode);
        ulong top = _host.Processor[GuestRegister.Rsp];
        _host.Machine.Table!.RmpUpdate(PhysicalAddress.Create(Assigned), default);
        Assert.Equal(TestHost.Return, StoreGuard.Enter(_host.Machine, _host.Core, _host.Processor));
        Assert.Equal(top + 8, _host.Processor[GuestRegister.Rsp]);
    }

    [Fact]
    public void A_store_that_did_not_fault_leaves_the_kernel_its_tables_before_the_next_one()
    {
        Assert.True(Foresee(Assigned));
        Assert.False(Foresee(0x40_0000UL));
        Assert.Equal(TestRam.Root, _host.Processor[GuestRegister.Cr3]);
        Assert.Null(_host.Core.Guarded);
        Assert.True(Foresee(Assigned));
        _host.Processor[GuestRegister.Rax] = 0x7000;
        ControlState.Follow(_host.Core, _host.Processor, new ControlLoad(3, GuestRegister.Rax));
        Assert.Equal(TestRam.Root, _host.Processor[GuestRegister.Cr3]);
        Assert.Equal(0x7000UL, _host.Core.State.Registers.Cr3.Value);
    }

    [Theory]
    [InlineData(0x1F_F000UL, 0x200UL, false)]
    [InlineData(0x1F_F000UL, 0x201UL, true)] // up into the region
    [InlineData(0x40_0000UL, 1UL, false)]
    [InlineData(0x40_0000UL, 2UL, true)] // down into it
    [InlineData(Assigned, 0UL, false)]
    [InlineData(0x40_0000UL, ulong.MaxValue, true)]
    [InlineData(0x1F_F000UL, ulong.MaxValue, true)]
    public void Repeated_stores_are_looked_at_as_far_as_they_reach_both_ways(ulong physical, ulong count, bool isForbidden)
    {
        _host.Processor[GuestRegister.Rdi] = TestRam.Direct + physical;
        _host.Processor[GuestRegister.Rcx] = count;
        StoreOperand operand = new() { Base = (sbyte)GuestRegister.Rdi, Index = -1, Segment = -1, Bytes = 8, Repeats = true };
        Assert.Equal(isForbidden, StoreGuard.Foresee(_host.Machine, _host.Core, _host.Processor, _device, Bar, operand));
    }

    [Fact]
    public void Stores_that_follow_another_are_looked_at_if_that_one_leaves_doubt()
    {
        Assert.False(Foresee(0x1F_FFF0UL, first: true, reach: 16)); // up to the region
        Assert.False(_host.Core.HasDoubt);
        Assert.False(Foresee(0x1F_FFF0UL, first: true, reach: 17)); // into it, but not by this store
        Assert.True(_host.Core.HasDoubt);
        Assert.True(Foresee(0x20_0000UL)); // one that follows
        Assert.True(_host.Core.HasDoubt);
        Assert.False(Foresee(0x40_0000UL, reach: 8)); // another one of the same block
        Assert.True(_host.Core.HasDoubt);
        Assert.Equal(TestRam.Root, _host.Processor[GuestRegister.Cr3]);
        Assert.False(Foresee(0x40_0000UL, first: true, reach: 8)); // the next block
        Assert.False(_host.Core.HasDoubt);
        Assert.False(Foresee(0x40_0000UL, first: true, reach: 32, before: 16)); // from the region on
        Assert.True(_host.Core.HasDoubt);
        Assert.False(Foresee(0x3FE0_0000UL, first: true, reach: 8)); // who knows what is mapped there when it is stored
        Assert.True(_host.Core.HasDoubt);
    }

    [Fact]
    public void A_translation_is_kept_until_it_is_flushed()
    {
        Assert.False(Foresee(0x40_0000UL, first: true, reach: 8));
        ulong before = _host.Ram.Read(0x3010);
        _host.Ram.Write(0x3010, _host.Ram.Read(0x3008)); // now it leads to the region that has an assigned page
        Assert.False(Foresee(0x40_0000UL, first: true, reach: 8));
        _host.Core.State = GuestState.Of(_host.Processor);
        Assert.True(Foresee(0x40_0000UL, first: true, reach: 8));
        _host.Ram.Write(0x3010, before);
        Assert.False(Foresee(0x40_0000UL, first: true, reach: 8)); // what forbids is asked of the tables
        for (int i = 0; i < 5000; i++)
        {
            _host.Core.Translations.Flush();
            Assert.False(_host.Core.Translations.TryFind(TestRam.Direct + 0x40_0000UL, out _));
            if (i % 100 == 0) _host.Core.Translations.Add(TestRam.Direct + 0x40_0000UL, 0x40_0000UL);
        }
    }

    [Fact]
    public void Without_memory_for_tables_it_is_said()
    {
        foreach (int _ in Enumerable.Range(0, 2))
        {
            Assert.False(StoreGuard.Foresee(_host.Machine, _host.Core, _host.Processor, _device, 0, Operand(Assigned)));
        }

        Assert.Equal(
            $"the store at 0x{TestHost.Rip:x} could not be prevented: there is no memory for tables (2 times)",
            Assert.Single(_host.Machine.Notes.Lines));
        Violation counted = _host.Core.Violations.All.Single();
        Assert.Equal((2L, TestHost.Rip, TestRam.Direct + Assigned), (counted.Count, counted.Rip, counted.VirtualAddress));
    }

    [Fact]
    public void A_repeated_store_between_two_forbidden_pages_meets_either()
    {
        _host.RmpUpdate(0x60_0000UL, new RmpUpdateOperand { Gpa = 0x1235_5000UL, Assigned = true, Asid = 5 });
        foreach (ulong met in (ulong[])[0x3F_FFF8UL, 0x60_0000UL])
        {
            _host.Processor[GuestRegister.Rdi] = TestRam.Direct + 0x50_0000UL;
            _host.Processor[GuestRegister.Rcx] = 0x4_0000;
            StoreOperand operand = Operand(0) with { Displacement = 0, Base = (sbyte)GuestRegister.Rdi, Repeats = true };
            Assert.True(StoreGuard.Foresee(_host.Machine, _host.Core, _host.Processor, _device, Bar, operand));
            for (ulong i = 0; i < 511; i++)
            {
                Assert.Equal((i << 21) | 0xE3UL & ~(i is 1 or 3 ? Writable : 0), Quadword(Place + 0x2000 + (i * 8)));
            }

            long before = _host.Core.Violations.All.Sum(static one => one.Count);
            Fault(TestRam.Direct + met, 3, FakeProcessor.KernelCode);
            Assert.Equal(InstructionStep.Emulator, StoreGuard.Enter(_host.Machine, _host.Core, _host.Processor));
            Assert.Equal(0x8000_0003UL, Top());
            Assert.Equal(before + 1, _host.Core.Violations.All.Sum(static one => one.Count));
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(4)]
    public void Tables_of_two_pages_have_in_common_what_leads_to_both(int levels)
    {
        GuestRam ram = _host.Ram.Ram;
        ControlRegisters registers = GuestState.Of(_host.Processor).Registers;
        if (levels == 5)
        {
            _host.Ram.Write(0x1_0000, TestRam.Root | 0x63);
            _host.Ram.Write(0x1_0008, TestRam.Root | 0x63);
            registers = registers with { Cr3 = new Cr3(0x1_0000), Cr4 = registers.Cr4 | 0x1000 };
        }

        PrivateTables tables = new(ram, Place, registers);
        ulong page = (TestRam.Direct + 0x20_0000UL) & ((1UL << 48) - 1);
        Assert.True(tables.TryDeny(page, PageSize.Size2M));
        Assert.True(tables.TryDeny(page + 0x40_0000UL, PageSize.Size2M));
        Assert.True(tables.TryWrite(_device));
        ulong last = Place + ((ulong)(levels - 2) << 12);
        Assert.Equal(0x20_00E1UL, Quadword(last + 8));
        Assert.Equal(0x60_00E1UL, Quadword(last + 24));
        Assert.Equal(0UL, Quadword(last + 0x1000)); // no table more than those
        _host.Ram.Write(0x2008, 0x7F_FFFF_F063UL);
        Assert.False(new PrivateTables(ram, Place, registers).TryDeny(page + (1UL << 30), PageSize.Size2M)); // no table in RAM
    }

    private bool Foresee(ulong physical, bool first = false, int reach = 0, int before = 0) => StoreGuard.Foresee(
        _host.Machine, _host.Core, _host.Processor, _device, Bar,
        Operand(physical) with { IsFirst = first, Reach = reach, Before = before });

    private static StoreOperand Operand(ulong physical) => new()
    {
        Displacement = TestRam.Direct + physical,
        Base = -1,
        Index = -1,
        Segment = -1,
        Bytes = 8,
        Offset = (ushort)(TestHost.Rip & 0xFFF),
    };

    /// <summary>#PF as the emulator raises it.</summary>
    private void Fault(ulong address, ulong code, ulong codeSegment)
    {
        ulong top = TestHost.HandlerStack - 48;
        ulong[] frame = [code, TestHost.Rip, codeSegment, 0x1_0202UL, FakeProcessor.Stack, FakeProcessor.KernelData];
        for (int i = 0; i < frame.Length; i++) _host.Ram.Write(top - TestRam.Direct + ((ulong)i * 8), frame[i]);
        _host.Processor[GuestRegister.Rsp] = top;
        _host.Processor[GuestRegister.Cr2] = address;
    }

    private ulong Top() => _host.Ram.Read(_host.Processor[GuestRegister.Rsp] - TestRam.Direct);

    private ulong Quadword(ulong address) => _device[address] | ((ulong)_device[address + 4] << 32);
}
