using FastRmp.Qemu.Tests.Support;
using Xunit;

namespace FastRmp.Qemu.Tests.Psp;

public sealed class PciFunctionTests
{
    private const int Slot = 0x10;
    private const ulong Rip = 0x1234;
    private readonly PciFunction _function = new(Slot);
    private readonly FakeProcessor _processor = new();

    [Fact]
    public void The_device_is_a_secure_processor_with_an_interrupt()
    {
        Assert.Equal(0x1486_1022u, Read(0));
        Assert.Equal(0x10_0000u, Read(4)); // it has capabilities
        Assert.Equal(0x40u, Read(0x34));
        Assert.Equal(0x80_0005u, Read(0x40)); // message-signalled interrupts, 64-bit addresses
        Select(0);
        Assert.Equal(0x1486u, In(2, 2));
        Assert.Equal(0x22u, In(0, 1));
    }

    [Fact]
    public void Its_other_registers_and_other_devices_are_the_emulators()
    {
        Select(8);
        Assert.Equal(0UL, Step(isWrite: false, PciFunction.DataPort, 4));
        foreach (uint address in (uint[])[0x8000_8800u, 0x8001_8000u, 0x8000_8100u, 0x0000_8000u])
        {
            Out(PciFunction.AddressPort, 4, address);
            Assert.Equal(0UL, Step(isWrite: false, PciFunction.DataPort, 4));
        }

        _processor[GuestRegister.Rdx] = 0x3F8;
        Assert.Equal(0UL, PortStep.Take(_function, _processor, new PortAccess(false, 1, 1), Rip));
    }

    [Fact]
    public void Its_registers_are_where_the_kernel_puts_them()
    {
        Assert.Equal(0UL, _function.Bar);
        Write(0x18, 0xE000_000Cu);
        Write(0x1C, 1);
        Assert.Equal(0UL, _function.Bar); // memory is not enabled
        Select(4);
        Assert.False(Out(PciFunction.DataPort, 2, 6)); // the device's own register, too
        Assert.Equal(0x1_E000_0000UL, _function.Bar);
        Assert.Equal(0x10_0006u, Read(4));
        Write(0x18, uint.MaxValue); // how large is it?
        Assert.Equal(0UL, _function.Bar);
        Write(0x18, 0xE000_000Cu);
        Write(0x1C, uint.MaxValue);
        Assert.Equal(0UL, _function.Bar);
    }

    [Fact]
    public void Its_interrupt_is_what_the_kernel_writes()
    {
        Assert.True(Write(0x44, 0xFEE0_1000u));
        Assert.True(Write(0x48, 0));
        Assert.True(Write(0x4C, 0x4021));
        Assert.Equal(0UL, _function.MessageAddress);
        Select(0x40);
        Assert.True(Out(PciFunction.DataPort + 2, 2, 0x81));
        Assert.Equal(0xFEE0_1000UL, _function.MessageAddress);
        Assert.Equal(0x4021u, _function.MessageData);
        Assert.Equal(0x81_0005u, Read(0x40));
        Out(PciFunction.DataPort + 2, 2, 0x80);
        Assert.Equal(0UL, _function.MessageAddress);
    }

    [Fact]
    public void IN_keeps_what_it_does_not_write_and_real_mode_is_left_alone()
    {
        Select(0);
        _processor[GuestRegister.Rax] = 0x1111_2222_3333_4444UL;
        Assert.Equal(Rip + 2, Step(isWrite: false, PciFunction.DataPort, 2));
        Assert.Equal(0x1111_2222_3333_1022UL, _processor[GuestRegister.Rax]);
        Assert.Equal(Rip + 1, Step(isWrite: false, PciFunction.DataPort, 4));
        Assert.Equal(0x1486_1022UL, _processor[GuestRegister.Rax]);
        _processor[GuestRegister.Cr0] = 0x10;
        Assert.Equal(0UL, Step(isWrite: false, PciFunction.DataPort, 4));
    }

    [Theory]
    [InlineData(0UL, 3UL, false)]
    [InlineData(2UL, 3UL, false)]
    [InlineData(3UL, 3UL, true)]
    [InlineData(0UL, 0UL, true)]
    public void A_program_without_the_privilege_changes_nothing(ulong level, ulong cpl, bool may)
    {
        Write(0x44, 0xFEE0_1000u);
        _processor[GuestRegister.RFlags] = level << 12;
        _processor[GuestRegister.Cs] = FakeProcessor.KernelCode | cpl;
        Assert.Equal(may, Out(PciFunction.DataPort, 4, 0xFEE0_2000u));
        _processor[GuestRegister.Rax] = 0x1111;
        Assert.Equal(may ? Rip + 1 : 0, Step(isWrite: false, PciFunction.DataPort, 4));
        Assert.Equal(may ? 0xFEE0_2000UL : 0x1111, _processor[GuestRegister.Rax]);
        _processor[GuestRegister.Cs] = FakeProcessor.KernelCode;
        Assert.Equal(may ? 0xFEE0_2000u : 0xFEE0_1000u, Read(0x44));
    }

    private void Select(uint register) => Out(PciFunction.AddressPort, 4, 0x8000_0000u | (Slot << 11) | register);

    private uint Read(uint register)
    {
        Select(register);
        return In(0, 4);
    }

    private bool Write(uint register, uint value)
    {
        Select(register);
        return Out(PciFunction.DataPort, 4, value);
    }

    private uint In(int offset, int bytes)
    {
        _processor[GuestRegister.Rax] = 0;
        Assert.NotEqual(0UL, Step(isWrite: false, PciFunction.DataPort + offset, bytes));
        return (uint)_processor[GuestRegister.Rax];
    }

    /// <summary>OUT.</summary>
    /// <returns>Whether the device does not see it.</returns>
    private bool Out(int port, int bytes, uint value)
    {
        _processor[GuestRegister.Rax] = value;
        return Step(isWrite: true, port, bytes) != 0;
    }

    private ulong Step(bool isWrite, int port, int bytes)
    {
        _processor[GuestRegister.Rdx] = (ulong)port;
        return PortStep.Take(_function, _processor, new PortAccess(isWrite, bytes, bytes == 2 ? 2 : 1), Rip);
    }
}
