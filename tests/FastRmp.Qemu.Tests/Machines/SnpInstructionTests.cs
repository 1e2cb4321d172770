using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Machines;

public sealed class SnpInstructionTests
{
    private static readonly RmpUpdateOperand Assign = new() { Gpa = 0x1234_5000UL, Assigned = true, Asid = 5 };

    [Theory]
    [InlineData(nameof(WatchedInstruction.RmpUpdate))]
    [InlineData(nameof(WatchedInstruction.PSmash))]
    [InlineData(nameof(WatchedInstruction.RmpRead))]
    [InlineData(nameof(WatchedInstruction.RmpOpt))]
    public void Without_SNP_they_are_left_to_the_emulator_which_does_not_know_them(string name)
    {
        using TestHost host = new("venice");
        Dictionary<GuestRegister, ulong> before = host.Processor.Snapshot();
        Assert.Equal(InstructionStep.Emulator, host.Step(Enum.Parse<WatchedInstruction>(name)));
        host.Enabled();
        foreach (GuestRegister register in before.Keys) host.Processor[register] = before[register];
        host.Processor[GuestRegister.Efer] = 0; // not in long mode
        Assert.Equal(InstructionStep.Emulator, host.Step(Enum.Parse<WatchedInstruction>(name)));
        Assert.Contains(" 2: 2 #UD\n", MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void RMPUPDATE_writes_the_entry_in_the_machines_memory()
    {
        using TestHost host = new TestHost().Enabled();
        Assert.Equal(TestHost.Rip + 4, host.RmpUpdate(0x20_5000UL, Assign));
        ulong entry = TestHost.RmpFirst + 0x4000 + (0x205UL * 16);
        RmpEntry expected = new() { Assigned = true, Gpa = GuestPhysicalAddress.Create(0x1234_5000UL), Asid = 5 };
        Assert.Equal(expected.Low, host.Ram.Read(entry));
        Assert.Equal(1UL, host.Ram.Read(TestHost.RmpFirst + 5 * 8)); // the counter of ASID 5
        Assert.Equal(0UL, host.Processor[GuestRegister.Rax]);
        Assert.Contains(
            " cpu0 rmpupdate spa=0x205000 size=4k assigned=1 asid=5 gpa=0x12345000 immutable=0 -> 0 SUCCESS\n",
            host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_is_a_code()
    {
        using TestHost host = new TestHost().Enabled();
        host.RmpUpdate(0x20_0000UL, Assign with { PageSize = PageSize.Size2M, Gpa = 0x4000_0000UL });
        Assert.Equal(TestHost.Rip + 4, host.RmpUpdate(0x20_5000UL, Assign));
        Assert.Equal(4UL, host.Processor[GuestRegister.Rax]);
        Assert.Contains("fastrmp: RMPUPDATE 2: 1 SUCCESS, 1 FAIL_OVERLAP\n", MachineReport.Of(host.Machine), StringComparison.Ordinal);
        Assert.Contains("at the end 512 of ", MachineReport.Of(host.Machine), StringComparison.Ordinal);
        Assert.Contains(" -> 4 FAIL_OVERLAP\n", host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void PSMASH_and_RMPREAD_work_on_the_same_table()
    {
        using TestHost host = new TestHost("turin").Enabled();
        host.RmpUpdate(0x20_0000UL, Assign with { PageSize = PageSize.Size2M, Gpa = 0x4000_0000UL });
        host.Processor[GuestRegister.Rax] = 0x20_0000UL;
        Assert.Equal(TestHost.Rip + 4, host.Step(WatchedInstruction.PSmash));
        Assert.Equal(0UL, host.Processor[GuestRegister.Rax]);
        host.Processor[GuestRegister.Rax] = 0x20_3000UL;
        host.Processor[GuestRegister.Rcx] = TestRam.Direct + TestHost.OperandAt;
        Assert.Equal(TestHost.Rip + 4, host.Step(WatchedInstruction.RmpRead));
        RmpReadOutput output = new(host.Ram.Read(TestHost.OperandAt), host.Ram.Read(TestHost.OperandAt + 8));
        Assert.Equal(new RmpReadOutput { Gpa = 0x4000_3000UL, Assigned = true, Asid = 5 }, output with { RegionStatus = false });
        Assert.Contains(" cpu0 psmash spa=0x200000 -> 0 SUCCESS\n", host.Trace.ToString(), StringComparison.Ordinal);
        Assert.Contains(" cpu0 rmpread spa=0x203000 -> 0 SUCCESS\n", host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void RMPREAD_and_RMPOPT_are_undefined_on_a_processor_that_lacks_them()
    {
        using TestHost host = new TestHost("genoa").Enabled();
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.RmpRead));
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.RmpOpt));
    }

    [Fact]
    public void RMPOPT_leaves_RAX_and_its_flag_is_told_instead_of_written()
    {
        using TestHost host = new TestHost("venice", segmented: true).Enabled();
        host.WriteMsr(Msr.RmpOptBase, 1);
        host.Processor[GuestRegister.Rax] = 0x3000_0000UL;
        host.Processor[GuestRegister.Rcx] = 0;
        ulong flags = host.Processor[GuestRegister.RFlags];
        Assert.Equal(TestHost.Rip + 4, host.Step(WatchedInstruction.RmpOpt));
        Assert.Contains(" cpu0 rmpopt spa=0x30000000 function=0 cf=1\n", host.Trace.ToString(), StringComparison.Ordinal);
        host.RmpUpdate(0x20_5000UL, Assign);
        host.Processor[GuestRegister.Rax] = 0x3000_0000UL;
        host.Processor[GuestRegister.Rcx] = 0;
        Assert.Equal(TestHost.Rip + 4, host.Step(WatchedInstruction.RmpOpt));
        Assert.Contains(" cf=0\n", host.Trace.ToString(), StringComparison.Ordinal);
        Assert.Equal(0x3000_0000UL, host.Processor[GuestRegister.Rax]);
        Assert.Equal(flags, host.Processor[GuestRegister.RFlags]);
        Assert.Equal("RMPOPT ended, and its flag could not be written (2 times)", Assert.Single(host.Machine.Notes.Lines));
    }

    [Fact]
    public void No_flag_is_ever_added_to_those_that_the_emulator_saves()
    {
        using TestHost host = new TestHost().Enabled();
        foreach (RmpUpdateOperand operand in (RmpUpdateOperand[])[Assign, Assign with { PageSize = PageSize.Size2M }])
        {
            host.RmpUpdate(0x20_5000UL, operand);
            Assert.Equal(0x202UL, host.Processor[GuestRegister.RFlags]);
        }

        host.Processor[GuestRegister.RFlags] = 0xED7; // all arithmetic flags, DF, IF
        host.Processor[GuestRegister.Rcx] = TestRam.Hole;
        Assert.Equal(TestHost.PageFaultHandler, host.Step(WatchedInstruction.RmpUpdate));
        Assert.Equal(2UL, host.Processor[GuestRegister.RFlags]);
    }

    [Theory]
    [InlineData(0x20_5000UL)]
    [InlineData(0x4000_0000UL)]
    [InlineData(0x5FE0_0000UL)]
    public void The_entries_of_a_segmented_RMP_are_where_its_segment_table_says(ulong page)
    {
        using TestHost host = new TestHost("turin", segmented: true, bytes: 0x6000_0000UL).Enabled();
        Assert.Equal(TestHost.Rip + 4, host.RmpUpdate(page, Assign));
        Assert.Equal(0UL, host.Processor[GuestRegister.Rax]);
        ulong segment = host.Ram.Read(TestHost.RmpFirst + 0x4000 + ((page >> 30) * 8)) & ~0xF_FFFFUL;
        ulong entry = segment + (((page & 0x3FFF_FFFFUL) >> 12) * 16);
        Assert.True(new RmpEntry(host.Ram.Read(entry), host.Ram.Read(entry + 8)).Assigned);
        Assert.Equal(1UL, host.Ram.Read(TestHost.RmpFirst + (5 * 8)));
        host.RmpUpdate(page, default);
        Assert.Equal(0UL, host.Ram.Read(entry));
    }

    [Fact]
    public void A_page_fault_of_the_operand_is_delivered_to_the_kernel()
    {
        using TestHost host = new TestHost().Enabled();
        host.Processor[GuestRegister.Rax] = 0x20_5000UL;
        host.Processor[GuestRegister.Rcx] = TestRam.Hole;
        Assert.Equal(TestHost.PageFaultHandler, host.Step(WatchedInstruction.RmpUpdate));
        Assert.Equal(TestRam.Hole, host.Processor[GuestRegister.Cr2]);
        ulong top = host.Processor[GuestRegister.Rsp];
        Assert.Equal(FakeProcessor.Stack - 48, top);
        Assert.Equal(
            [0UL, TestHost.Rip, FakeProcessor.KernelCode, 0x1_0202UL, FakeProcessor.Stack, FakeProcessor.KernelData],
            Enumerable.Range(0, 6).Select(i => host.Ram.Read(top - TestRam.Direct + ((ulong)i * 8))));
        Assert.Equal(0x2UL, host.Processor[GuestRegister.RFlags]); // an interrupt gate
        Assert.Contains(
            " cpu0 exception vector=14 va=0xffff88803fe00000 code=0x0 rip=0xffffffff81234560\n", host.Trace.ToString(),
            StringComparison.Ordinal);
        Assert.Contains("RMPUPDATE 1: 1 #PF\n", MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_is_not_canonical_is_a_general_protection_fault()
    {
        using TestHost host = new TestHost().Enabled();
        host.Processor[GuestRegister.Rcx] = 1UL << 60;
        Assert.Equal(TestHost.GeneralProtectionHandler, host.Step(WatchedInstruction.RmpUpdate));
        Assert.Equal(0UL, host.Ram.Read(host.Processor[GuestRegister.Rsp] - TestRam.Direct)); // the error code
    }

    [Fact]
    public void A_fault_that_cannot_be_delivered_is_said()
    {
        using TestHost host = new TestHost().Enabled();
        host.Processor[GuestRegister.Cs] = FakeProcessor.UserCode;
        Dictionary<GuestRegister, ulong> before = host.Processor.Snapshot();
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.PSmash));
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.PSmash));
        Assert.Equal(before, host.Processor.Snapshot());
        Assert.Equal(
            "a #GP(0) could not be delivered; the emulator executed the instruction instead (2 times)",
            Assert.Single(host.Machine.Notes.Lines));
    }

    [Theory]
    [InlineData(0)] // no IDT
    [InlineData(1)] // a gate with a stack of its own
    [InlineData(2)] // not present
    [InlineData(3)] // the stack is not mapped
    public void Delivery_changes_nothing_unless_it_can_be_completed(int obstacle)
    {
        using TestHost host = new TestHost().Enabled();
        ulong gate = TestHost.IdtAt + (14 * 16);
        if (obstacle == 0) host.Core.Idt = 0;
        if (obstacle == 1) host.Ram.Write(gate, host.Ram.Read(gate) | (1UL << 32));
        if (obstacle == 2) host.Ram.Write(gate, 0);
        if (obstacle == 3) host.Processor[GuestRegister.Rsp] = TestRam.Hole + 0x1000;
        host.Processor[GuestRegister.Rcx] = TestRam.Hole;
        Dictionary<GuestRegister, ulong> before = host.Processor.Snapshot();
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.RmpUpdate));
        Assert.Equal(before, host.Processor.Snapshot());
        Assert.Contains("could not be delivered", Assert.Single(host.Machine.Notes.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_processors_update_one_table_at_once()
    {
        using TestHost host = new TestHost().Enabled();
        const int Rounds = 2000;
        Thread[] threads = new Thread[2];
        for (int i = 0; i < threads.Length; i++)
        {
            int index = i + 1;
            threads[i] = new Thread(() => Churn(host, index, Rounds));
            threads[i].Start();
        }

        foreach (Thread thread in threads) thread.Join();
        Assert.All(host.Machine.Cores.Skip(1), static core => Assert.Equal(2 * Rounds, core.Updates.Total));
        Assert.Contains("at the end 0 of ", MachineReport.Of(host.Machine), StringComparison.Ordinal);
        Assert.DoesNotContain("INCONSISTENT", MachineReport.Of(host.Machine), StringComparison.Ordinal);
        Assert.Equal(0UL, host.Machine.Table!.AssignedPages(5));
    }

    /// <summary>Pages of one region, so that both want its count; each with its own operand and its own pages.</summary>
    private static void Churn(TestHost host, int index, int rounds)
    {
        FakeProcessor processor = new(index);
        GuestCore core = host.Machine.AddCore(index);
        MsrAccess.Write(host.Machine, core, Msr.Syscfg, 0x0180_0000UL);
        ulong operand = TestHost.OperandAt + ((ulong)index * 64);
        for (int round = 0; round < rounds; round++)
        {
            ulong page = 0x20_0000UL + ((ulong)((round % 200) + (200 * index)) << 12);
            foreach (RmpUpdateOperand state in (RmpUpdateOperand[])[Assign, default])
            {
                host.Ram.Write(operand, state.Low);
                host.Ram.Write(operand + 8, state.High);
                processor[GuestRegister.Rax] = page;
                processor[GuestRegister.Rcx] = TestRam.Direct + operand;
                ulong next = InstructionStep.Take(host.Machine, core, processor, WatchedInstruction.RmpUpdate, TestHost.Rip);
                if (next != TestHost.Rip + 4 || processor[GuestRegister.Rax] != 0) throw new InvalidOperationException("refused");
            }
        }
    }
}
