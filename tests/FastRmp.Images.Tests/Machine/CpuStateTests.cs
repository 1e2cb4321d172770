using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Images.Tests.Machine;

public class CpuStateTests
{
    [Fact]
    public void The_state_is_what_the_registers_say()
    {
        CpuState kernel = CpuState.LongMode(new Cr3(0x5000));
        CpuState registers = kernel with { Control = kernel.Control with { Smep = true, Smap = true, ControlFlowEnforcement = true } };
        PagingState expected = PagingState.FromRegisters(registers.Control with { NoExecuteEnable = true }, ProcessorModel.Genoa);
        Assert.Equal(expected, registers.ToPagingState());
    }

    [Fact]
    public void The_options_say_what_the_registers_do_not()
    {
        CpuState kernel = CpuState.LongMode(new Cr3(0x5000));
        CpuState registers = kernel with { Control = kernel.Control with { ProtectionKeys = true } };
        PagingOptions options = new()
        {
            Root = new Cr3(0x8000),
            FiveLevels = true,
            Processor = ProcessorModel.Milan,
            Pkru = new Pkru(0xC),
            Encryption = new MemoryEncryption(47),
            ShadowStacks = true,
        };
        ControlRegisters control = registers.Control with
        {
            Cr3 = new Cr3(0x8000),
            La57 = true,
            ControlFlowEnforcement = true,
            NoExecuteEnable = true,
        };
        ProcessorModel processor = ProcessorModel.Milan with { HasLa57 = true };
        PagingState expected = PagingState.FromRegisters(control, processor, new Pkru(0xC), encryption: new MemoryEncryption(47));
        Assert.Equal(expected, registers.ToPagingState(options));
        Assert.NotEqual(expected, registers.ToPagingState(options with { Pkru = default }));
        Assert.NotEqual(expected, registers.ToPagingState(options with { ShadowStacks = false }));
    }

    [Fact]
    public void Supervisor_keys_count_as_off_whatever_the_processor()
    {
        CpuState kernel = CpuState.LongMode(new Cr3(0x5000));
        CpuState registers = kernel with { Control = kernel.Control with { SupervisorProtectionKeys = true } };
        Assert.Equal(kernel.ToPagingState(), registers.ToPagingState());
    }

    [Theory]
    [InlineData(PagingMode.FourLevel)]
    [InlineData(PagingMode.FiveLevel)]
    public void A_kernel_in_long_mode_has_paging_and_write_protection(PagingMode mode)
    {
        CpuState registers = CpuState.LongMode(new Cr3(0x5000), mode);
        Assert.True(registers.Control is { Paging: true, WriteProtect: true, PhysicalAddressExtensions: true, Cr3.Value: 0x5000 });
        Assert.Equal(mode == PagingMode.FiveLevel, registers.Control.La57);
        Assert.Equal(mode, registers.ToPagingState().Mode);
    }

    [Fact]
    public void Widths_and_C_bits_that_no_processor_has_are_refused()
    {
        CpuState registers = CpuState.LongMode(new Cr3(0x5000));
        PagingOptions bit = new() { Encryption = new MemoryEncryption(31) };
        PagingOptions width = new() { Processor = ProcessorModel.Genoa with { PhysicalAddressWidth = 35 } };
        Assert.Throws<ArgumentOutOfRangeException>(() => registers.ToPagingState(bit));
        Assert.Throws<ArgumentOutOfRangeException>(() => registers.ToPagingState(width));
    }
}
