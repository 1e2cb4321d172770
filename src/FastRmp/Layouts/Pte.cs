namespace FastRmp;

/// <summary>PTE: maps a page of 4 KiB.</summary>
/// <remarks>PAT is at bit 7 here and at bit 12 in larger leaves.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Shared(typeof(IPagingFields))]
[Shared(typeof(IPagingLeafFields))]
internal readonly partial struct Pte
{
    /// <summary>PAT: high bit of the PAT index.</summary>
    [Bits(7)] public partial bool Pat { get; init; }

    /// <summary>Address of the page, bits [51:12].</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Page { get; init; }
}
