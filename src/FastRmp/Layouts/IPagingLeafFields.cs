namespace FastRmp;

/// <summary>The further fields of a paging entry that maps a page, whatever its size.</summary>
internal interface IPagingLeafFields
{
    /// <summary>D: the page was written.</summary>
    [Bits(6)] bool Dirty { get; init; }

    /// <summary>G: the translation survives CR3 writes (with CR4.PGE).</summary>
    [Bits(8)] bool Global { get; init; }

    /// <summary>AVL: for software (Linux: SOFTW1, SOFTW2).</summary>
    [Bits(10, 9)] byte Available { get; init; }

    /// <summary>AVL bit 11 as Linux uses it in kernel mappings (SOFTW3, _PAGE_KERNEL_4K): never rebuild a large page from this
    /// one.</summary>
    [Bits(11)] bool Kernel4K { get; init; }

    /// <summary>AVL: for software.</summary>
    [Bits(58, 52)] byte AvailableHigh { get; init; }

    /// <summary>MPK: protection key, with CR4.PKE; else available to software.</summary>
    [Bits(62, 59)] byte ProtectionKey { get; init; }
}
