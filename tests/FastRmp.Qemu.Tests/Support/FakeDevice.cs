using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace FastRmp.Qemu.Tests.Support;

/// <summary>Registers of devices: what was written, and in which order.</summary>
internal sealed class FakeDevice : IDeviceMemory
{
    private readonly Dictionary<ulong, uint> _values = [];

    internal List<(ulong Address, uint Value)> Writes { get; } = [];

    internal uint this[ulong address]
    {
        get => _values.GetValueOrDefault(address);
        set => _values[address] = value;
    }

    public uint Read(ulong address) => _values.GetValueOrDefault(address);

    public void Write(ulong address, uint value)
    {
        _values[address] = value;
        Writes.Add((address, value));
    }

    public bool TryWrite(ulong address, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i += sizeof(uint)) _values[address + (ulong)i] = MemoryMarshal.Read<uint>(bytes[i..]);
        return true;
    }
}
