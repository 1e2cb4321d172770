namespace FastRmp;

/// <summary>What the entries of all levels of long-mode paging have in common: the walker's view of an entry before it knows what it
/// is.</summary>
/// <remarks>Bit 7 is PS in a PDPE or PDE, PAT in a PTE, and reserved above; bits 6 and 8 have a meaning in leaves only.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Shared(typeof(IPagingFields))]
public readonly partial struct PagingEntry
{
    /// <summary>D: in a leaf, the page was written.</summary>
    [Bits(6)] public partial bool Dirty { get; init; }

    /// <summary>PS in a PDPE or PDE: the entry maps a page of 1 GiB or 2 MiB.</summary>
    [Bits(7)] public partial bool LargePage { get; init; }

    /// <summary>G: the translation survives CR3 writes (with CR4.PGE).</summary>
    [Bits(8)] public partial bool Global { get; init; }

    /// <summary>AVL: for software.</summary>
    [Bits(11, 9)] public partial byte Available { get; init; }

    /// <summary>Address of the next table or of a 4 KiB page, bits [51:12].</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Address { get; init; }

    /// <summary>AVL: for software.</summary>
    [Bits(58, 52)] public partial byte AvailableHigh { get; init; }

    /// <summary>MPK: protection key, with CR4.PKE; else available to software.</summary>
    [Bits(62, 59)] public partial byte ProtectionKey { get; init; }
}
