namespace FastRmp.Qemu;

/// <summary>What the plugin does before IN and OUT, if there is a secure processor.</summary>
internal static class PortStep
{
    /// <summary>DX of RDX.</summary>
    internal const ulong PortMask = 0xFFFF;

    /// <summary>Whether IN or OUT is of the ports of the configuration space.</summary>
    internal static bool IsConfiguration(IGuestProcessor processor) =>
        (processor.Read(GuestRegister.Rdx) & PortMask) is >= PciFunction.AddressPort and < PciFunction.DataPort + sizeof(uint);

    /// <summary>Acts.</summary>
    /// <param name="function">The device.</param>
    /// <param name="processor">The processor.</param>
    /// <param name="access">The instruction.</param>
    /// <param name="rip">Its address.</param>
    /// <returns>Where the processor goes on, or 0: the emulator executes it.</returns>
    internal static ulong Take(PciFunction function, IGuestProcessor processor, PortAccess access, ulong rip)
    {
        int port = (int)(processor.Read(GuestRegister.Rdx) & PortMask);
        if (port is < PciFunction.AddressPort or >= PciFunction.DataPort + sizeof(uint) || !MayUse(processor)) return 0;
        ulong rax = processor.Read(GuestRegister.Rax);
        ulong mask = (1UL << (access.Bytes * 8)) - 1;
        bool isOurs = access.IsWrite
            ? function.TryWrite(port, access.Bytes, (uint)(rax & mask))
            : function.TryRead(port, out uint value) && Answer(processor, access, rax, mask, value);
        bool isProtected = new Cr0(processor.Read(GuestRegister.Cr0)).ProtectedMode; // else RIP is an offset in a segment
        return isOurs && isProtected ? rip + (ulong)access.Length : 0;
    }

    /// <summary>Whether the processor may use ports whatever its task state segment says, which is not shown.</summary>
    private static bool MayUse(IGuestProcessor processor)
    {
        const ulong Level = 3;
        const int IoplShift = 12;
        return !new Cr0(processor.Read(GuestRegister.Cr0)).ProtectedMode
            || (processor.Read(GuestRegister.Cs) & Level) <= ((processor.Read(GuestRegister.RFlags) >> IoplShift) & Level);
    }

    private static bool Answer(IGuestProcessor processor, PortAccess access, ulong rax, ulong mask, uint value)
    {
        ulong kept = access.Bytes == sizeof(uint) ? 0 : rax & ~mask;
        processor.Write(GuestRegister.Rax, kept | (value & mask));
        return true;
    }
}
