namespace FastRmp.Images;

/// <summary>How the base of a direct map became known.</summary>
public enum DirectMapBaseSource
{
    /// <summary>The caller said so.</summary>
    Given,

    /// <summary>VMCOREINFO: the value of <c>page_offset_base</c>, or the variable read from memory at the address of that symbol.</summary>
    PageOffsetBase,

    /// <summary>VMCOREINFO: <c>SYMBOL(mem_section)</c> of a sparse-memory kernel points into the direct map; the tables give the frame at
    /// that address.</summary>
    MemorySections,

    /// <summary>The tables: the region with the most bytes at one constant distance between virtual and physical address.</summary>
    Tables,
}
