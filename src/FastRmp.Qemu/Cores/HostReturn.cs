namespace FastRmp.Qemu;

/// <summary>Where a processor's host goes on after #VMEXIT, which the emulator does not announce.</summary>
/// <param name="Rip">The instruction behind VMRUN.</param>
/// <param name="Rsp">RSP.</param>
/// <param name="Cr3">CR3.</param>
internal readonly record struct HostReturn(ulong Rip, ulong Rsp, ulong Cr3)
{
    /// <summary>Bytes of VMRUN.</summary>
    internal const int VmRunBytes = 3;

    /// <summary>What the processor is about to leave, at a VMRUN.</summary>
    /// <param name="processor">Its registers.</param>
    /// <param name="rip">The VMRUN.</param>
    internal static HostReturn Of(IGuestProcessor processor, ulong rip) =>
        new(rip + VmRunBytes, processor.Read(GuestRegister.Rsp), processor.Read(GuestRegister.Cr3));

    /// <summary>Whether the processor is there.</summary>
    internal bool Is(IGuestProcessor processor, ulong rip) => this == new HostReturn(
        rip, processor.Read(GuestRegister.Rsp), processor.Read(GuestRegister.Cr3));
}
