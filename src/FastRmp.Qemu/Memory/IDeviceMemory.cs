using System;

namespace FastRmp.Qemu;

/// <summary>Memory of devices, by its physical addresses, in a callback of a processor.</summary>
internal interface IDeviceMemory
{
    /// <summary>Reads four bytes; zero if nothing answers.</summary>
    uint Read(ulong address);

    /// <summary>Writes four bytes.</summary>
    void Write(ulong address, uint value);

    /// <summary>Writes bytes.</summary>
    /// <returns>Whether something took them.</returns>
    bool TryWrite(ulong address, ReadOnlySpan<byte> bytes);
}
