using System;
using FastRmp.Paging;
using Xunit;

namespace FastRmp.Images.Tests.Machine;

public class CpuStateTests
{
    private static readonly Efer Efer = new() { NoExecuteEnable = true };

    [Fact]
    public void The_state_is_what_the_registers_say()
    {
        Cr4 cr4 = new() { PhysicalAddressExtensions = true, Smep = true, Smap = true, ControlFlowEnforcement = true };
        CpuState registers = CpuState.LongMode(new Cr3(0x5000)) with { Cr4 = cr4 };
        PagingState expected = PagingState.FromRegisters(registers.Cr0, registers.Cr3, cr4, Efer, ProcessorModel.Genoa);
        Assert.Equal(expected, registers.ToPagingState());
    }

    [Fact]
    public void The_options_say_what_the_registers_do_not()
    {
        CpuState kernel = CpuState.LongMode(new Cr3(0x5000));
        CpuState registers = kernel with { Cr4 = kernel.Cr4 with { ProtectionKeys = true } };
        PagingOptions options = new()
        {
            Root = new Cr3(0x8000),
            FiveLevels = true,
            Processor = ProcessorModel.Milan,
            Pkru = new Pkru(0xC),
            Encryption = new MemoryEncryption(47),
            ShadowStacks = true,
        };
        Cr4 cr4 = registers.Cr4 with { La57 = true, ControlFlowEnforcement = true };
        ProcessorModel processor = ProcessorModel.Milan with { HasLa57 = true };
        PagingState expected = PagingState.FromRegisters(
            registers.Cr0, new Cr3(0x8000), cr4, Efer, processor, new Pkru(0xC), encryption: new MemoryEncryption(47));
        Assert.Equal(expected, registers.ToPagingState(options));
        Assert.NotEqual(expected, registers.ToPagingState(options with { Pkru = default }));
        Assert.NotEqual(expected, registers.ToPagingState(options with { ShadowStacks = false }));
    }

    [Fact]
    public void Supervisor_keys_count_as_off_whatever_the_processor()
    {
        CpuState kernel = CpuState.LongMode(new Cr3(0x5000));
        CpuState registers = kernel with { Cr4 = kernel.Cr4 with { SupervisorProtectionKeys = true } };
        Assert.Equal(kernel.ToPagingState(), registers.ToPagingState());
    }

    [Theory]
    [InlineData(PagingMode.FourLevel)]
    [InlineData(PagingMode.FiveLevel)]
    public void A_kernel_in_long_mode_has_paging_and_write_protection(PagingMode mode)
    {
        CpuState registers = CpuState.LongMode(new Cr3(0x5000), mode);
        Assert.True(registers is { Cr0: { Paging: true, WriteProtect: true }, Cr4.PhysicalAddressExtensions: true });
        Assert.Equal(mode == PagingMode.FiveLevel, registers.Cr4.La57);
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
