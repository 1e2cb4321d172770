namespace FastRmp;

/// <summary>PML5E: entry of a page map level 5 table; covers 256 TiB and points to a PML4 table.</summary>
/// <remarks>Bits 7 and 8 must be zero in a present entry (bit 8 on AMD processors; Intel ignores it).</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Shared(typeof(IPagingFields))]
[Shared(typeof(IPagingTableFields))]
[Reserved(8, 7)]
internal readonly partial struct Pml5e
{
    /// <summary>Ignored by the processor.</summary>
    [Bits(6)] public partial bool Ignored { get; init; }
}
