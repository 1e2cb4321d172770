using System.Threading;
using FastRmp.Firmware;

namespace FastRmp.Qemu;

/// <summary>The mailbox of the secure processor: registers in the memory of its device, looked at when a processor waits.</summary>
/// <remarks>Linux drivers/crypto/ccp/sp-pci.c, sev-dev.c: a command's number goes to the command register after the buffer's address; the
/// answer takes its place, and an interrupt says so.</remarks>
internal sealed class Mailbox(SnpMachine machine, PciFunction function)
{
    private const ulong CommandAt = 0x1_0980UL;
    private const ulong BufferLowAt = 0x1_09E0UL;
    private const ulong BufferHighAt = 0x1_09E4UL;
    private const ulong FeaturesAt = 0x1_09FCUL;
    private const ulong InterruptStatusAt = 0x1_0694UL;
    private const uint Features = 0x81; // SEV; what it reports on the chip's security is there, so that nobody asks for it
    private const uint CommandComplete = 2;
    private const ushort WantsInterrupt = 1;

    private readonly Lock _gate = new();
    private readonly SecureProcessor _firmware = new(machine);

    /// <summary>The device.</summary>
    internal PciFunction Function => function;

    /// <summary>Serves a command, if there is one.</summary>
    /// <param name="processor">The number of the processor whose callback it is.</param>
    /// <param name="device">The device's memory.</param>
    internal void Poll(int processor, IDeviceMemory device)
    {
        ulong bar = function.Bar;
        if (bar == 0 || !_gate.TryEnter()) return;
        try
        {
            if (device.Read(bar + FeaturesAt) != Features) device.Write(bar + FeaturesAt, Features);
            MailboxCommand asked = new(device.Read(bar + CommandAt));
            if (asked.IsResponse || asked.Command == 0) return;
            ulong buffer = device.Read(bar + BufferLowAt) | ((ulong)device.Read(bar + BufferHighAt) << 32);
            FirmwareCommand command = (FirmwareCommand)asked.Command;
            FirmwareStatus status = _firmware.Execute(command, buffer, device, out bool isInjected);
            string page = SecureProcessor.PageOf(machine.Ram, command, buffer);
            machine.Events.Write(
                processor, $"firmware {command.Name()}{page} -> {(ushort)status} {status.Name()}{(isInjected ? " (injected)" : "")}");
            device.Write(bar + InterruptStatusAt, CommandComplete);
            device.Write(bar + CommandAt, (uint)(asked with { Status = (ushort)status, IsResponse = true }).Value);
            bool interrupts = (asked.Status & WantsInterrupt) != 0 && function.MessageAddress != 0;
            if (interrupts) device.Write(function.MessageAddress, function.MessageData);
        }
        finally
        {
            _gate.Exit();
        }
    }
}
