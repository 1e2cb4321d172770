using System;
using System.Collections.Generic;
using System.Linq;
using System.Numerics;
using System.Threading;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Machines;

public sealed class SnpInstructionTests
{
    private static readonly RmpUpdateOperand Assign = new() { Gpa = 0x1234_5000UL, Assigned = true, Asid = 5 };

    /// <summary>All combinations of CF, PF, AF, ZF, SF, DF and OF, with IF and without.</summary>
    private static readonly ulong[] Flags =
    [
        .. from i in Enumerable.Range(0, 256)
           let bits = (ulong)i
           select 2 | (bits & 1) | ((bits & 2) << 1) | ((bits & 4) << 2) | ((bits & 0x18) << 3) | ((bits & 0x60) << 5)
               | ((bits & 0x80) << 2),
    ];

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
        Assert.Contains(" 1: 1 #UD\n", MachineReport.Of(host.Machine), StringComparison.Ordinal);
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
    public void RMPOPT_leaves_RAX_and_all_flags_but_its_own()
    {
        using TestHost host = new TestHost("venice", segmented: true).Enabled();
        host.WriteMsr(Msr.RmpOptBase, 1);
        foreach ((bool isFree, ulong flags) in from isFree in (bool[])[true, false] from flags in Flags select (isFree, flags))
        {
            if (!isFree) host.RmpUpdate(0x20_5000UL, Assign);
            host.Processor[GuestRegister.Rax] = 0x3000_0000UL;
            host.Processor[GuestRegister.Rcx] = 0;
            host.Processor[GuestRegister.RFlags] = flags;
            Assert.Equal(TestHost.Rip + 4, host.Step(WatchedInstruction.RmpOpt));
            Assert.Equal(0x3000_0000UL, host.Processor[GuestRegister.Rax]);
            Assert.Equal((flags & ~1UL) | (isFree ? 1UL : 0), host.Processor[GuestRegister.RFlags]);
        }

        Assert.Contains(" cpu0 rmpopt spa=0x30000000 function=0 cf=1\n", host.Trace.ToString(), StringComparison.Ordinal);
        Assert.Contains(" cf=0\n", host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Flags_are_by_EAX_and_the_others_as_they_were()
    {
        using TestHost host = new TestHost().Enabled();
        host.RmpUpdate(0x40_0000UL, Assign with { PageSize = PageSize.Size2M, Gpa = 0x4000_0000UL });
        foreach ((ulong page, ulong code) in ((ulong, ulong)[])[(0x20_5000UL, 0), (0x20_5001UL, 1), (0x40_5000UL, 4)])
        {
            foreach (ulong flags in Flags)
            {
                host.Processor[GuestRegister.RFlags] = flags;
                Assert.Equal(TestHost.Rip + 4, host.RmpUpdate(page, Assign));
                Assert.Equal(code, host.Processor[GuestRegister.Rax]);
                ulong byCode = (code == 0 ? 0x40UL : 0) | ((BitOperations.PopCount(code) & 1) == 0 ? 4UL : 0);
                Assert.Equal((flags & ~0x8D4UL) | byCode, host.Processor[GuestRegister.RFlags]);
                Assert.Equal(FakeProcessor.Stack, host.Processor[GuestRegister.Rsp]);
                Assert.Equal(FakeProcessor.KernelCode, host.Processor[GuestRegister.Cs]);
            }
        }
    }

    [Fact]
    public void An_injected_code_has_its_flags()
    {
        using TestHost host = new TestHost(inject: "rmpupdate:1:overlap").Enabled();
        host.Processor[GuestRegister.RFlags] = 0x2D7;
        host.RmpUpdate(0x20_5000UL, Assign);
        Assert.Equal(0x203UL, host.Processor[GuestRegister.RFlags]);
    }

    [Fact]
    public void The_frame_of_a_fault_has_all_flags_and_no_flag_is_added_to_those_that_the_emulator_saves()
    {
        using TestHost host = new TestHost().Enabled();
        foreach (ulong flags in Flags)
        {
            host.Processor[GuestRegister.Rsp] = FakeProcessor.Stack;
            host.Processor[GuestRegister.RFlags] = flags;
            host.Processor[GuestRegister.Rcx] = TestRam.Hole;
            Assert.Equal(TestHost.PageFaultHandler, host.Step(WatchedInstruction.RmpUpdate));
            Assert.Equal(flags | 0x1_0000, host.Ram.Read(host.Processor[GuestRegister.Rsp] - TestRam.Direct + 24));
            Assert.Equal(flags & ~0x200UL, host.Processor[GuestRegister.RFlags]);
        }
    }

    [Fact]
    public void The_kernels_other_undefined_instructions_are_its_own()
    {
        using TestHost host = new TestHost().Enabled();
        Assert.Equal(InstructionStep.Emulator, host.Undefined(host.Core, host.Processor, [0x0F, 0x0B, 0x90, 0x90]));
        Assert.Equal(InstructionStep.Emulator, host.Undefined(host.Core, host.Processor, [0xF3, 0x0F, 0x01, 0xFE])); // RMPADJUST
        Assert.Empty(host.Machine.Notes.Lines);
    }

    [Theory]
    [InlineData(0)] // none was seen
    [InlineData(1)] // it is gone
    [InlineData(2)] // it may not be executed
    public void Without_an_IRETQ_nothing_is_executed(int obstacle)
    {
        using TestHost host = new TestHost(hasReturn: obstacle != 0).Enabled();
        if (obstacle == 1) host.Ram.Write(TestHost.Return - TestRam.Direct, 0);
        if (obstacle == 2) host.Ram.Write(0x3000, host.Ram.Read(0x3000) | (1UL << 63));
        Assert.Equal(InstructionStep.Emulator, host.RmpUpdate(0x20_5000UL, Assign));
        Assert.Equal(0UL, host.Ram.Read(TestHost.RmpFirst + 0x4000 + (0x205UL * 16)));
        Assert.Contains("stayed #UD", Assert.Single(host.Machine.Notes.Lines), StringComparison.Ordinal);
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
            " cpu0 exception vector=14 va=0xffff88803fe00000 code=0x0 rip=0xffff88800000a560\n", host.Trace.ToString(),
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
    public void User_mode_is_refused_with_a_general_protection_fault_on_the_kernels_stack()
    {
        using TestHost host = new TestHost().Enabled();
        host.Processor[GuestRegister.Cs] = FakeProcessor.UserCode;
        host.Processor[GuestRegister.Rsp] = 0x7FFF_0000UL;
        Assert.Equal(TestHost.GeneralProtectionHandler, host.Step(WatchedInstruction.PSmash));
        Assert.Equal(TestHost.HandlerStack - 48, host.Processor[GuestRegister.Rsp]);
        Assert.Equal(
            [0UL, TestHost.Rip, FakeProcessor.UserCode, 0x1_0202UL, 0x7FFF_0000UL, FakeProcessor.KernelData],
            Enumerable.Range(0, 6).Select(i => host.Ram.Read(TestHost.HandlerStack - 48 - TestRam.Direct + ((ulong)i * 8))));
        Assert.Empty(host.Machine.Notes.Lines);
    }

    [Fact]
    public void A_refused_WRMSR_that_cannot_be_delivered_is_said()
    {
        using TestHost host = new TestHost().Enabled();
        host.Core.Interrupts = null;
        Dictionary<GuestRegister, ulong> before = host.Processor.Snapshot();
        foreach (int _ in Enumerable.Range(0, 2)) Assert.Equal(InstructionStep.Emulator, host.WriteMsr(Msr.RmpBase, 0x5000));
        Assert.Equal(before[GuestRegister.Rsp], host.Processor[GuestRegister.Rsp]);
        Assert.Equal(
            "a #GP(0) could not be delivered; the emulator executed the instruction instead (2 times)",
            Assert.Single(host.Machine.Notes.Lines));
    }

    [Theory]
    [InlineData(0)] // the table is not the one that was loaded
    [InlineData(1)] // a gate with a stack of its own
    [InlineData(2)] // not present
    public void A_fault_that_cannot_be_delivered_is_said(int obstacle)
    {
        using TestHost host = new TestHost().Enabled();
        ulong gate = TestHost.IdtAt + (14 * 16);
        if (obstacle == 0) host.Ram.Write(TestHost.IdtAt + (6 * 16), 0);
        if (obstacle == 1) host.Ram.Write(gate, host.Ram.Read(gate) | (1UL << 32));
        if (obstacle == 2) host.Ram.Write(gate, 0);
        host.Processor[GuestRegister.Rcx] = TestRam.Hole;
        Dictionary<GuestRegister, ulong> before = host.Processor.Snapshot();
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.RmpUpdate));
        Assert.Equal(before, host.Processor.Snapshot());
        Assert.Contains("could not be delivered", Assert.Single(host.Machine.Notes.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trap_gate_lets_interrupts_come()
    {
        using TestHost host = new TestHost().Enabled();
        ulong gate = TestHost.IdtAt + (14 * 16);
        host.Ram.Write(gate, host.Ram.Read(gate) | (1UL << 40));
        host.Processor[GuestRegister.Rcx] = TestRam.Hole;
        Assert.Equal(TestHost.PageFaultHandler, host.Step(WatchedInstruction.RmpUpdate));
        Assert.Equal(0x202UL, host.Processor[GuestRegister.RFlags]);
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
        processor[GuestRegister.Rsp] += 0x1_0000UL * (ulong)index;
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
                ulong next = host.Undefined(core, processor, [0xF2, 0x0F, 0x01, 0xFE]);
                if (next != TestHost.Rip + 4 || processor[GuestRegister.Rax] != 0) throw new InvalidOperationException("refused");
            }
        }
    }
}
