namespace FastRmp.Paging;

/// <summary>One leaf of the paging structures.</summary>
/// <param name="VirtualAddress">First byte of the page in the address space.</param>
/// <param name="Address">First byte of the page in physical memory, without the C-bit.</param>
/// <param name="Leaf">The leaf entry as it is in memory.</param>
/// <param name="Size">Size of the page.</param>
/// <param name="Rights">What all levels together allow; NX counts as if EFER.NXE were as in the state.</param>
public readonly record struct Mapping(
    VirtualAddress VirtualAddress, PhysicalAddress Address, PagingEntry Leaf, PageSize Size, PagingRights Rights)
{
    /// <summary>What is mapped where.</summary>
    /// <returns>Text such as <c>0xffff888000200000 to 0x200000, 2M, supervisor rw-</c>.</returns>
    public override string ToString() => $"{VirtualAddress} to {Address}, {Size.ShortName()}, {WalkWords.Rights(Rights)}";
}
