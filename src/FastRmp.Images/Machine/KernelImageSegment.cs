namespace FastRmp.Images;

/// <summary>A segment of a core that says where a part of the kernel's image lies in physical memory.</summary>
/// <param name="VirtualAddress">Its first virtual address.</param>
/// <param name="PhysicalAddress">Where that is in physical memory.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct KernelImageSegment(ulong VirtualAddress, ulong PhysicalAddress, ulong Length)
{
    private const ulong ImageStart = 0xFFFF_FFFF_8000_0000UL; // __START_KERNEL_map

    internal static bool IsInImage(ulong virtualAddress) => virtualAddress >= ImageStart;

    /// <summary>Translates an address of the image.</summary>
    internal bool TryTranslate(ulong virtualAddress, out ulong physical)
    {
        ulong offset = virtualAddress - VirtualAddress;
        physical = PhysicalAddress + offset;
        return virtualAddress >= VirtualAddress && offset < Length && physical >= PhysicalAddress;
    }
}
