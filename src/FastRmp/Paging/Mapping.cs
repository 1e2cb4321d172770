using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Paging;

/// <summary>One leaf of the paging structures.</summary>
/// <param name="VirtualAddress">First byte of the page in the address space.</param>
/// <param name="Leaf">The leaf entry as it stands in memory.</param>
/// <param name="Size">Size of the page.</param>
/// <param name="Rights">What all levels together allow; NX counts as if EFER.NXE were as in the state.</param>
public readonly record struct Mapping(VirtualAddress VirtualAddress, PagingEntry Leaf, PageSize Size, PagingRights Rights)
{
    /// <summary>First byte of the page in physical memory.</summary>
    public PhysicalAddress Address => Leaf.Address.AlignDown(Size);
}
