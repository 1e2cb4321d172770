namespace FastRmp.Qemu;

/// <summary>Registers of devices, by their physical addresses, in a callback of a processor.</summary>
internal interface IDeviceMemory
{
    /// <summary>Reads four bytes; zero if nothing answers.</summary>
    uint Read(ulong address);

    /// <summary>Writes four bytes.</summary>
    void Write(ulong address, uint value);
}
