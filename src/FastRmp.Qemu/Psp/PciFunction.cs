namespace FastRmp.Qemu;

/// <summary>Makes a test device of the emulator's the PCI function of a secure processor: another identity, and a message-signalled
/// interrupt, which the device does not have.</summary>
/// <remarks>PCI local bus specification 3.0, 6. The kernel reaches the first 256 bytes of a function's configuration by the ports 0xCF8 and
/// 0xCFC. Registers that are not here are the device's own. Any processor, one at a time: the kernel's lock.</remarks>
internal sealed class PciFunction(int slot)
{
    /// <summary>The port of the address.</summary>
    internal const int AddressPort = 0xCF8;

    /// <summary>The first port of the data.</summary>
    internal const int DataPort = 0xCFC;

    private const uint Enable = 0x8000_0000u;
    private const int SlotShift = 11;
    private const uint RegisterMask = 0xFC;
    private const uint Identity = 0x1486_1022u; // AMD, the secure processor of an EPYC 7002 and later
    private const uint CapabilityList = 0x10_0000u;
    private const uint MemoryEnable = 2;
    private const uint CapabilityAt = 0x40;
    private const uint Capability = 0x80_0005u; // message-signalled interrupts, one, with 64-bit addresses
    private const uint CapabilityEnable = 0x1_0000u;
    private const uint BarBits = 0xFFFF_FFF0u;

    private uint _address;
    private uint _command;
    private uint _barLow;
    private uint _barHigh;
    private uint _control;
    private uint _messageLow;
    private uint _messageHigh;
    private uint _messageData;

    /// <summary>Where the registers are; 0 while they are nowhere.</summary>
    internal ulong Bar
    {
        get
        {
            bool isSizing = _barLow >= BarBits || _barHigh == uint.MaxValue;
            return (_command & MemoryEnable) == 0 || isSizing ? 0 : (_barLow & BarBits) | ((ulong)_barHigh << 32);
        }
    }

    /// <summary>Where an interrupt is written; 0 while interrupts are off.</summary>
    internal ulong MessageAddress => (_control & CapabilityEnable) == 0 ? 0 : _messageLow | ((ulong)_messageHigh << 32);

    /// <summary>What is written there.</summary>
    internal uint MessageData => _messageData;

    /// <summary>A register of the function that the address port selects.</summary>
    private bool IsOurs(int port, out uint register)
    {
        register = _address & RegisterMask;
        return port is >= DataPort and < DataPort + sizeof(uint) && (_address & ~0xFFu) == (Enable | ((uint)slot << SlotShift));
    }

    /// <summary>IN.</summary>
    /// <param name="port">The port.</param>
    /// <param name="value">What the ports from there on hold, in the low bytes.</param>
    /// <returns>Whether it is one of the registers here.</returns>
    internal bool TryRead(int port, out uint value)
    {
        value = 0;
        if (!IsOurs(port, out uint register)) return false;
        uint? whole = register switch
        {
            0x00 => Identity,
            0x04 => _command | CapabilityList,
            0x34 => CapabilityAt,
            CapabilityAt => Capability | _control,
            CapabilityAt + 0x4 => _messageLow,
            CapabilityAt + 0x8 => _messageHigh,
            CapabilityAt + 0xC => _messageData,
            _ => null,
        };
        value = (whole ?? 0) >> ((port - DataPort) * 8);
        return whole is not null;
    }

    /// <summary>OUT.</summary>
    /// <param name="port">The port.</param>
    /// <param name="bytes">How many bytes.</param>
    /// <param name="value">The bytes.</param>
    /// <returns>Whether the device shall not see it.</returns>
    internal bool TryWrite(int port, int bytes, uint value)
    {
        if (port == AddressPort && bytes == sizeof(uint)) _address = value;
        if (!IsOurs(port, out uint register)) return false;
        int shift = (port - DataPort) * 8;
        uint mask = (uint)((1UL << (bytes * 8)) - 1) << shift;
        uint placed = (value << shift) & mask;
        switch (register)
        {
            case 0x04: _command = ((_command & ~mask) | placed) & 0xFFFF; break;
            case 0x18: _barLow = (_barLow & ~mask) | placed; break;
            case 0x1C: _barHigh = (_barHigh & ~mask) | placed; break;
            case CapabilityAt: _control = ((_control & ~mask) | placed) & CapabilityEnable; break;
            case CapabilityAt + 0x4: _messageLow = (_messageLow & ~mask) | placed; break;
            case CapabilityAt + 0x8: _messageHigh = (_messageHigh & ~mask) | placed; break;
            case CapabilityAt + 0xC: _messageData = ((_messageData & ~mask) | placed) & 0xFFFF; break;
        }

        return register is >= CapabilityAt and < CapabilityAt + 0x10;
    }
}
