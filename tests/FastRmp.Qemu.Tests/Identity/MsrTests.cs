using System.Collections.Generic;
using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Identity;

public sealed class MsrTests
{
    [Fact]
    public void The_bios_left_the_RMP_in_the_registers()
    {
        using TestHost host = new();
        Assert.Equal(TestHost.RmpFirst, host.ReadMsr(Msr.RmpBase));
        Assert.Equal(TestHost.RmpLast, host.ReadMsr(Msr.RmpEnd));
        Assert.Equal(0x80_0000UL, host.ReadMsr(Msr.Syscfg)); // memory encryption
        Assert.Equal(1UL, host.ReadMsr(Msr.Hwcr));
    }

    [Fact]
    public void A_segmented_RMP_has_its_segment_table_in_memory()
    {
        using TestHost host = new("turin", segmented: true, bytes: 0x6000_0000UL);
        Assert.Equal(TestHost.RmpFirst, host.ReadMsr(Msr.RmpBase));
        Assert.Equal(0UL, host.ReadMsr(Msr.RmpEnd));
        Assert.Equal(0x1E01UL, host.ReadMsr(Msr.RmpCfg));
        Assert.Equal((TestHost.RmpFirst + 0x10_0000UL) | 1, host.Ram.Read(TestHost.RmpFirst + 0x4000));
        Assert.Equal((TestHost.RmpFirst + 0x50_0000UL) | 1, host.Ram.Read(TestHost.RmpFirst + 0x4008));
        Assert.Equal(0UL, host.Ram.Read(TestHost.RmpFirst + 0x4010));
    }

    [Fact]
    public void SNP_stays_on()
    {
        using TestHost host = new();
        Assert.Null(host.Machine.Table);
        Assert.Equal(TestHost.Rip + 2, host.WriteMsr(Msr.Syscfg, 0x0388_0000UL));
        Assert.NotNull(host.Machine.Table);
        Assert.Equal(TestHost.Rip + 2, host.WriteMsr(Msr.Syscfg, 0));
        Assert.Equal(0x0388_0000UL, host.ReadMsr(Msr.Syscfg));
        Assert.Contains(" cpu0 snp on\n", host.Trace.ToString(), System.StringComparison.Ordinal);
    }

    [Fact]
    public void Each_processor_has_its_own_SNP_EN_and_all_have_one_RMP()
    {
        using TestHost host = new();
        GuestCore other = host.Machine.AddCore(1);
        host.Enabled();
        ReverseMapTable<RmpGeometry>? table = host.Machine.Table;
        Assert.False(other.IsSnpOn);
        Assert.Equal(MsrOutcome.Done, MsrAccess.Write(host.Machine, other, Msr.Syscfg, 0x0180_0000UL));
        Assert.True(other.IsSnpOn);
        Assert.Same(table, host.Machine.Table);
    }

    [Fact]
    public void The_RMP_cannot_be_moved_while_SNP_is_on()
    {
        using TestHost host = new("turin");
        Assert.Equal(TestHost.Rip + 2, host.WriteMsr(Msr.RmpEnd, 0x107F_FFFFUL));
        Assert.Equal(0x107F_FFFFUL, host.ReadMsr(Msr.RmpEnd));
        host.Enabled();
        foreach (uint number in (uint[])[Msr.RmpBase, Msr.RmpEnd, Msr.RmpCfg])
        {
            host.Processor[GuestRegister.Rsp] = FakeProcessor.Stack;
            Assert.Equal(TestHost.GeneralProtectionHandler, host.WriteMsr(number, 0));
        }

        Assert.Equal(0x107F_FFFFUL, host.ReadMsr(Msr.RmpEnd));
    }

    [Theory]
    [InlineData(Msr.RmpEnd, 0UL)] // below RMP_BASE
    [InlineData(Msr.RmpBase, 0x8000_0000UL)] // not RAM
    [InlineData(Msr.RmpBase, 0xFFF0_0000_1000_0000UL)] // reserved bits
    public void SNP_cannot_be_turned_on_without_a_usable_RMP(uint number, ulong value)
    {
        using TestHost host = new("turin");
        host.WriteMsr(number, value);
        Assert.Equal(TestHost.GeneralProtectionHandler, host.WriteMsr(Msr.Syscfg, 0x0180_0000UL));
        Assert.Null(host.Machine.Table);
        Assert.False(host.Core.IsSnpOn);
        Assert.StartsWith("SNP_EN was refused with #GP(0): ", Assert.Single(host.Machine.Notes.Lines), System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("milan", Msr.RmpCfg)]
    [InlineData("turin", Msr.RmpOptBase)]
    public void What_a_generation_lacks_is_a_general_protection_fault(string name, uint number)
    {
        using TestHost host = new(name);
        host.Processor[GuestRegister.Rcx] = number;
        Assert.Equal(TestHost.GeneralProtectionHandler, host.Step(WatchedInstruction.ReadMsr));
        host.Processor[GuestRegister.Rsp] = FakeProcessor.Stack;
        Assert.Equal(TestHost.GeneralProtectionHandler, host.WriteMsr(number, 0));
    }

    [Theory]
    [InlineData(0x1D01UL)] // below the smallest segment
    [InlineData(0x3501UL)] // above the largest
    [InlineData(0x1E03UL)] // reserved bits
    [InlineData(0x5E01UL)]
    public void RMP_CFG_takes_what_the_processor_supports(ulong value)
    {
        using TestHost host = new("turin");
        Assert.Equal(TestHost.GeneralProtectionHandler, host.WriteMsr(Msr.RmpCfg, value));
        Assert.Equal(0UL, host.ReadMsr(Msr.RmpCfg));
        Assert.Equal(TestHost.Rip + 2, host.WriteMsr(Msr.RmpCfg, 0x1E01UL));
        Assert.Equal(0x1E01UL, host.ReadMsr(Msr.RmpCfg));
    }

    [Fact]
    public void RMPOPT_BASE_is_the_librarys()
    {
        using TestHost host = new TestHost("venice").Enabled();
        Assert.Equal(TestHost.Rip + 2, host.WriteMsr(Msr.RmpOptBase, 0x4000_0001UL));
        Assert.Equal(0x4000_0001UL, host.ReadMsr(Msr.RmpOptBase));
        Assert.Equal(TestHost.GeneralProtectionHandler, host.WriteMsr(Msr.RmpOptBase, 2));
    }

    [Theory]
    [InlineData(0x250u)]
    [InlineData(0x258u)]
    [InlineData(0x259u)]
    [InlineData(0x268u)]
    [InlineData(0x26Fu)]
    [InlineData(0xC001_0016u)]
    [InlineData(0xC001_0019u)]
    [InlineData(0xC001_001Au)]
    [InlineData(0xC001_001Du)]
    [InlineData(0xC001_0119u)]
    public void What_places_memory_is_fixed_while_SNP_is_on(uint number)
    {
        using TestHost host = new();
        Assert.Equal(InstructionStep.Emulator, host.WriteMsr(number, 1));
        host.Enabled();
        Assert.Equal(TestHost.GeneralProtectionHandler, host.WriteMsr(number, 1));
        host.Processor[GuestRegister.Rcx] = number;
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.ReadMsr));
    }

    [Theory]
    [InlineData(0x251u)]
    [InlineData(0x267u)]
    [InlineData(0x270u)]
    [InlineData(0x2FFu)]
    [InlineData(0xC001_001Bu)]
    public void Registers_beside_those_are_not(uint number)
    {
        using TestHost host = new TestHost().Enabled();
        Assert.Equal(InstructionStep.Emulator, host.WriteMsr(number, 1));
    }

    [Fact]
    public void HWCR_goes_to_the_emulator_too_and_stays_locked()
    {
        using TestHost host = new();
        Assert.Equal(InstructionStep.Emulator, host.WriteMsr(Msr.Hwcr, 0x100_0000UL));
        Assert.Equal(0x100_0001UL, host.ReadMsr(Msr.Hwcr));
    }

    [Fact]
    public void Other_registers_and_other_modes_are_the_emulators()
    {
        using TestHost host = new();
        Assert.Equal(InstructionStep.Emulator, host.WriteMsr(0xC000_0080u, 0));
        host.Processor[GuestRegister.Cs] = FakeProcessor.UserCode;
        Dictionary<GuestRegister, ulong> before = Expecting(host, Msr.RmpBase);
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.ReadMsr));
        Assert.Equal(InstructionStep.Emulator, host.Step(WatchedInstruction.WriteMsr));
        Assert.Equal(before, host.Processor.Snapshot());
    }

    private static Dictionary<GuestRegister, ulong> Expecting(TestHost host, uint number)
    {
        host.Processor[GuestRegister.Rcx] = number;
        return host.Processor.Snapshot();
    }
}
