namespace FastRmp;

/// <summary>PML4E: entry of a page map level 4 table; covers 512 GiB and points to a page directory pointer table.</summary>
/// <remarks>Bits 7 and 8 must be zero in a present entry (bit 8 on AMD processors; Intel ignores it).</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Shared(typeof(IPagingFields))]
[Shared(typeof(IPagingTableFields))]
[Reserved(8, 7)]
internal readonly partial struct Pml4e
{
    /// <summary>Ignored by the processor.</summary>
    [Bits(6)] public partial bool Ignored { get; init; }
}
