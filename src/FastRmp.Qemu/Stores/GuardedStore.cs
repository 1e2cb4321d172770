namespace FastRmp.Qemu;

/// <summary>A store that is about to fault: the processor uses tables in which its page is read-only.</summary>
/// <param name="Cr3">The kernel's CR3.</param>
/// <param name="Rip">The instruction.</param>
/// <param name="First">The first address of the page, of whatever size.</param>
/// <param name="Bytes">The page's size.</param>
internal sealed record GuardedStore(ulong Cr3, ulong Rip, ulong First, ulong Bytes);
