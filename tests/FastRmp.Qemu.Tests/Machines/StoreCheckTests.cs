using System;
using System.Text;
using FastRmp.Images.Tests.Support;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Machines;

public sealed class StoreCheckTests
{
    private const ulong Assigned = 0x20_5000UL;
    private static readonly RmpUpdateOperand Assign = new() { Gpa = 0x1234_5000UL, Assigned = true, Asid = 5 };

    [Theory]
    [InlineData(Assigned + 0x678, true, "2m")] // the page itself
    [InlineData(0x20_0000UL, true, "2m")] // beside it, through the mapping of 2 MiB
    [InlineData(0x40_0000UL, false, "")]
    public void A_store_counts_by_the_size_of_its_mapping(ulong physical, bool isForbidden, string size)
    {
        using TestHost host = Host();
        Assert.Equal(!isForbidden, StoreCheck.IsFree(host.Machine.Table!, physical));
        Assert.Equal(isForbidden, StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + physical, physical, TestHost.Rip));
        string place = $"spa=0x{physical:x} va=0x{TestRam.Direct + physical:x} rip=0x{TestHost.Rip:x}";
        string entry = "entry=0x205000:0x28000012345001:0xf";
        string line = $"fault {place} size={size} code=0x80000003 {entry}";
        string last = host.Trace.ToString().Split(" cpu0 ")[^1].TrimEnd('\n');
        if (isForbidden) Assert.Equal(line, last);
        else Assert.StartsWith("rmpupdate ", last, StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_an_assigned_page_a_mapping_of_4_KiB_passes()
    {
        using TestHost host = Host();
        const ulong Tables = 0x9000;
        for (ulong i = 0; i < 512; i++) host.Ram.Write(Tables + (i * 8), (0x20_0000UL + (i << 12)) | 0x63);
        host.Ram.Write(0x3008, Tables | 0x63); // the second 2 MiB by pages of 4 KiB
        Assert.False(StoreCheck.IsFree(host.Machine.Table!, 0x20_4000UL));
        Assert.False(StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + 0x20_4000UL, 0x20_4000UL, TestHost.Rip));
        Assert.True(StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, TestHost.Rip));
        Assert.Contains(" size=4k ", host.Trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_that_changed_meanwhile_counts_as_4_KiB()
    {
        using TestHost host = Host();
        Assert.False(StoreCheck.Judge(host.Machine, host.Core, TestRam.Hole, 0x20_4000UL, TestHost.Rip));
        Assert.False(StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct, 0x20_4000UL, TestHost.Rip)); // maps another page
        Assert.True(StoreCheck.Judge(host.Machine, host.Core, TestRam.Hole, Assigned, TestHost.Rip));
    }

    [Fact]
    public void The_report_has_each_instruction_once()
    {
        using TestHost host = Host();
        for (int i = 0; i < 3; i++) StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, TestHost.Rip);
        StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, TestHost.Rip + 5);
        GuestCore other = host.Machine.AddCore(1);
        other.State = host.Core.State;
        StoreCheck.Judge(host.Machine, other, TestRam.Direct + Assigned, Assigned, TestHost.Rip);
        string report = MachineReport.Of(host.Machine);
        Assert.Contains(
            "fastrmp: 5 stores that hardware would have refused with #PF, by 2 instructions:\n"
            + "fastrmp: fault spa=0x205000 va=0xffff888000205000 rip=0xffff88800000a560 size=2m code=0x80000003 "
            + "entry=0x205000:0x28000012345001:0xf count=4\n",
            report, StringComparison.Ordinal);
        Assert.Equal(3, host.Trace.ToString().Split(" fault ").Length - 1); // the first of each instruction and processor
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x1560_0000UL)] // by address randomisation
    public void The_function_is_named_by_a_list_of_symbols(ulong moved)
    {
        using TestHost host = Host(
            $"{TestHost.Rip - moved - 0x20:x} t in_a_module\t[module]\n{TestHost.UndefinedHandler - moved:x} T asm_exc_invalid_op\n"
            + $"{TestHost.PageFaultHandler - moved:x} T asm_exc_page_fault\n");
        StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, TestHost.Rip);
        Assert.Contains(" symbol=in_a_module+0x20 size=2m ", host.Trace.ToString(), StringComparison.Ordinal);
        Assert.Contains(" symbol=in_a_module+0x20 size=2m ", MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x1000UL, 0UL, "is of another kernel")] // no multiple of 2 MiB
    [InlineData(0x8000_0000UL, 0UL, "is of another kernel")]
    [InlineData(0UL, 0x20_0000UL, "is of another kernel")] // the gates do not agree
    [InlineData(0UL, null, "has no asm_exc_invalid_op and asm_exc_page_fault")]
    public void A_list_of_another_kernel_names_nothing(ulong moved, ulong? apart, string note)
    {
        string list = $"{TestHost.UndefinedHandler - moved:x} T asm_exc_invalid_op\n";
        if (apart is { } more) list += $"{TestHost.PageFaultHandler - moved - more:x} T asm_exc_page_fault\n";
        using TestHost host = Host(list);
        StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, TestHost.Rip);
        Assert.DoesNotContain("symbol=", host.Trace.ToString(), StringComparison.Ordinal);
        Assert.Contains(note, MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void The_function_is_named_by_the_kernel_s_own_list_at_the_end()
    {
        const ulong Image = 0xFFFF_FFFF_8000_0000UL;
        const ulong Level3 = 0x2_0000;
        const ulong Level2 = 0x2_1000;
        const ulong NotesAt = 0x2_2000;
        const ulong Lists = 0x10_0000;
        using TestHost host = Host();
        host.Ram.Write(TestRam.Root + (511 * 8), Level3 | 0x63);
        host.Ram.Write(Level3 + (510 * 8), Level2 | 0x63);
        host.Ram.Write(Level2, 0xE3); // the kernel's image, by a page of 2 MiB
        string notes = $"OSRELEASE=7.3.4\nSYMBOL(swapper_pg_dir)={Image + TestRam.Root:x}\nSYMBOL(_stext)={Image:x}\nNUMBER(phys_base)=0\n"
            + Kallsyms.Notes(Image + Lists, KallsymsWay.FromItself);
        Encoding.ASCII.GetBytes(notes).CopyTo(host.Ram.Ram.Bytes(NotesAt, notes.Length));
        (ulong, char, string)[] symbols = [(Image, 'T', "_stext"), (Image + 0x1000, 't', "writer"), (Image + 0x2000, 'T', "_etext")];
        byte[] list = Kallsyms.Tables(symbols, Image, Image + Lists, KallsymsWay.FromItself);
        list.CopyTo(host.Ram.Ram.Bytes(Lists, list.Length));
        StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, Image + 0x1234);
        Assert.DoesNotContain("symbol=", host.Trace.ToString(), StringComparison.Ordinal); // a running machine does not wait
        Assert.Contains(" symbol=writer+0x234 ", MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_without_a_list_of_symbols_names_nothing()
    {
        using TestHost host = Host();
        StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, TestHost.Rip);
        Assert.Empty(host.Machine.Notes.Lines); // a running machine does not wait
        Assert.Contains(
            "note: functions have no names: the machine's memory has no VMCOREINFO that names the kernel's tables; symbols=FILE",
            MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void After_another_kernel_was_started_its_own_list_is_not_looked_for()
    {
        using TestHost host = Host();
        host.Ram.Write(0x7000 + (0x111 * 8), 0xD063); // other tables with the same direct map
        host.Ram.Write(0xD000, host.Ram.Read(0x2000));
        host.Processor[GuestRegister.Cr3] = 0x7000;
        host.RmpUpdate(Assigned + 0x20_0000UL, default);
        StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct + Assigned, Assigned, TestHost.Rip);
        Assert.Contains(
            "note: functions have no names: the memory has the symbols of 2 kernels; symbols=FILE names a list\n",
            MachineReport.Of(host.Machine), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_forbidden_before_SNP_is_on()
    {
        using TestHost host = new();
        Assert.False(StoreCheck.Judge(host.Machine, host.Core, TestRam.Direct, 0, TestHost.Rip));
    }

    [Fact]
    public void Loads_of_control_registers_are_followed()
    {
        using TestHost host = new();
        host.Processor[GuestRegister.R9] = 0x7000;
        ControlState.Follow(host.Core, host.Processor, new ControlLoad(3, GuestRegister.R9));
        Assert.Equal(0x7000UL, host.Core.State.Registers.Cr3.Value);
        Assert.Equal(0x8001_0001UL, host.Core.State.Registers.Cr0);
        host.Processor[GuestRegister.Cr0] = 1;
        host.Processor[GuestRegister.Efer] = 0x900; // LME
        host.Processor[GuestRegister.R9] = 0x8000_0001UL;
        Assert.False(GuestState.Of(host.Processor).IsLongMode);
        ControlState.Follow(host.Core, host.Processor, new ControlLoad(0, GuestRegister.R9));
        Assert.True(host.Core.State.IsLongMode);
        ControlState.Follow(host.Core, host.Processor, new ControlLoad(4, GuestRegister.R9));
        Assert.Equal(0x8000_0001UL, host.Core.State.Registers.Cr4);
        ControlState.Follow(host.Core, host.Processor, new ControlLoad(8, GuestRegister.R9)); // CR8
        Assert.Equal(0x20UL, host.Core.State.Registers.Cr4);
    }

    [Theory]
    [InlineData("0F22D8", 3, "Rax")]
    [InlineData("0F22DF", 3, "Rdi")]
    [InlineData("410F22D9", 3, "R9")]
    [InlineData("0F22E0", 4, "Rax")]
    [InlineData("0F22C6", 0, "Rsi")]
    [InlineData("440F22C0", 8, "Rax")]
    public void MOV_to_a_control_register_is_decoded(string bytes, byte control, string source)
    {
        Assert.Equal(WatchedInstruction.LoadControl, InstructionDecoder.Decode(Convert.FromHexString(bytes)));
        Assert.True(ControlLoad.TryDecode(Convert.FromHexString(bytes), out ControlLoad load));
        Assert.Equal(new ControlLoad(control, Enum.Parse<GuestRegister>(source)), load);
    }

    private static TestHost Host(string? symbols = null)
    {
        TestHost host = new TestHost(symbols: symbols).Enabled();
        host.RmpUpdate(Assigned, Assign);
        host.Core.State = GuestState.Of(host.Processor);
        return host;
    }
}
