namespace FastRmp.Cli.Scripts;

/// <summary>Who executes a guest's instruction: the kernel, at CPL 0.</summary>
/// <param name="Asid">Its ASID; 0 is the host, where the guest's instructions are undefined.</param>
/// <param name="Vmpl">Its VMPL, 0 to 3.</param>
internal readonly record struct GuestKernel(uint Asid, byte Vmpl);
