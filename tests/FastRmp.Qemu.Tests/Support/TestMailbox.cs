using System;
using FastRmp.Firmware;
using Xunit;

namespace FastRmp.Qemu.Tests.Support;

/// <summary>The secure processor of a machine, as its driver reaches it.</summary>
internal sealed class TestMailbox
{
    internal const ulong Bar = 0xE000_0000UL;
    internal const ulong CommandAt = Bar + 0x1_0980UL;
    internal const ulong BufferLowAt = Bar + 0x1_09E0UL;
    internal const ulong Message = 0xFEE0_1000UL;
    internal const uint MessageData = 0x21;

    /// <summary>Where commands get their buffer unless they are given another place.</summary>
    internal const ulong Buffer = 0x30_0000UL;

    private const int BufferBytes = 64;
    private readonly TestHost _host;
    private readonly PciFunction _function = new(0x10);
    private readonly Mailbox _mailbox;

    /// <summary>Probes the device as the driver does.</summary>
    internal TestMailbox(TestHost host)
    {
        _host = host;
        _mailbox = new Mailbox(host.Machine, _function);
        Configure(0x18, (uint)Bar);
        Configure(4, 2);
        Configure(0x44, (uint)Message);
        Configure(0x4C, MessageData);
        Configure(0x40, 0x1_0000u);
        Poll(); // the capability, before the driver looks
        Device.Writes.Clear();
    }

    internal FakeDevice Device { get; } = new();

    internal void Poll() => _mailbox.Poll(0, Device);

    internal void Configure(uint register, uint value)
    {
        _function.TryWrite(PciFunction.AddressPort, 4, 0x8000_8000u | register);
        _function.TryWrite(PciFunction.DataPort, 4, value);
    }

    /// <summary>Gives a command with the quadwords of its buffer, and zeros behind them.</summary>
    internal FirmwareStatus Give(FirmwareCommand command, params ReadOnlySpan<ulong> buffer)
    {
        for (int i = 0; i < BufferBytes / 8; i++) _host.Ram.Write(Buffer + ((ulong)i * 8), i < buffer.Length ? buffer[i] : 0);
        return GiveAt(command, Buffer);
    }

    /// <summary>Gives a command with what its buffer holds already.</summary>
    internal FirmwareStatus GiveAt(FirmwareCommand command, ulong buffer)
    {
        Device[BufferLowAt] = (uint)buffer;
        Device[CommandAt] = ((uint)command << 16) | 1;
        Poll();
        Assert.Equal(0x8000_0000u | ((uint)command << 16), Device[CommandAt] & 0xFFFF_0000u);
        return (FirmwareStatus)(ushort)Device[CommandAt];
    }
}
