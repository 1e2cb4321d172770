namespace FastRmp;

/// <summary>PDE that maps a page of 2 MiB (PS = 1).</summary>
/// <remarks>PAT stands at bit 12 here and at bit 7 in a PTE: splitting and joining pages moves it.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Reserved(20, 13)]
public readonly partial struct Pde2M
{
    /// <summary>P: the entry is used; if clear all other bits are ignored.</summary>
    [Bits(0)] public partial bool Present { get; init; }

    /// <summary>R/W: writes are allowed.</summary>
    [Bits(1)] public partial bool Writable { get; init; }

    /// <summary>U/S: user-mode accesses are allowed.</summary>
    [Bits(2)] public partial bool User { get; init; }

    /// <summary>PWT: low bit of the PAT index.</summary>
    [Bits(3)] public partial bool WriteThrough { get; init; }

    /// <summary>PCD: middle bit of the PAT index.</summary>
    [Bits(4)] public partial bool CacheDisable { get; init; }

    /// <summary>A: the processor used the entry for a translation.</summary>
    [Bits(5)] public partial bool Accessed { get; init; }

    /// <summary>D: the page was written.</summary>
    [Bits(6)] public partial bool Dirty { get; init; }

    /// <summary>PS: set in this form.</summary>
    [Bits(7)] public partial bool LargePage { get; init; }

    /// <summary>G: the translation survives CR3 writes (with CR4.PGE).</summary>
    [Bits(8)] public partial bool Global { get; init; }

    /// <summary>AVL: for software (Linux: SOFTW1, SOFTW2).</summary>
    [Bits(10, 9)] public partial byte Available { get; init; }

    /// <summary>AVL bit 11 as Linux uses it in kernel mappings (SOFTW3, _PAGE_KERNEL_4K): never rebuild a large page from this one.</summary>
    [Bits(11)] public partial bool Kernel4K { get; init; }

    /// <summary>PAT: high bit of the PAT index.</summary>
    [Bits(12)] public partial bool Pat { get; init; }

    /// <summary>Address of the page, bits [51:21].</summary>
    [AddressBits(51, 21)] public partial PhysicalAddress Page { get; init; }

    /// <summary>AVL: for software.</summary>
    [Bits(58, 52)] public partial byte AvailableHigh { get; init; }

    /// <summary>MPK: protection key, with CR4.PKE; else available to software.</summary>
    [Bits(62, 59)] public partial byte ProtectionKey { get; init; }

    /// <summary>NX: fetches are forbidden (with EFER.NXE; reserved without).</summary>
    [Bits(63)] public partial bool NoExecute { get; init; }
}
