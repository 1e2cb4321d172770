namespace FastRmp;

/// <summary>PDPE that maps a page of 1 GiB (PS = 1).</summary>
/// <remarks>PAT is at bit 12 here and at bit 7 in a PTE: splitting and joining pages moves it.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Shared(typeof(IPagingFields))]
[Shared(typeof(IPagingLeafFields))]
[Reserved(29, 13)]
internal readonly partial struct Pdpe1G
{
    /// <summary>PS: set in this form.</summary>
    [Bits(7)] public partial bool LargePage { get; init; }

    /// <summary>PAT: high bit of the PAT index.</summary>
    [Bits(12)] public partial bool Pat { get; init; }

    /// <summary>Address of the page, bits [51:30].</summary>
    [AddressBits(51, 30)] public partial PhysicalAddress Page { get; init; }
}
