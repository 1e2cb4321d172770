namespace FastRmp;

/// <summary>PML5E: entry of a page map level 5 table; covers 256 TiB and points to a PML4 table.</summary>
/// <remarks>Bits 7 and 8 must be zero in a present entry (bit 8 on AMD processors; Intel ignores it).</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Reserved(8, 7)]
public readonly partial struct Pml5e
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

    /// <summary>Ignored by the processor.</summary>
    [Bits(6)] public partial bool Ignored { get; init; }

    /// <summary>AVL: for software.</summary>
    [Bits(11, 9)] public partial byte Available { get; init; }

    /// <summary>Address of the PML4 table.</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Table { get; init; }

    /// <summary>AVL: for software; the key field has no meaning in an entry that points to a table.</summary>
    [Bits(62, 52)] public partial ushort AvailableHigh { get; init; }

    /// <summary>NX: fetches are forbidden (with EFER.NXE; reserved without).</summary>
    [Bits(63)] public partial bool NoExecute { get; init; }
}
