namespace FastRmp;

/// <summary>PDPE that points to a page directory; covers 1 GiB (Linux: PUD).</summary>
/// <remarks>PS is clear; with PS set the entry is a 1 GiB leaf, <see cref="Pdpe1G"/>.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Shared(typeof(IPagingFields))]
[Shared(typeof(IPagingTableFields))]
public readonly partial struct Pdpe
{
    /// <summary>Ignored by the processor.</summary>
    [Bits(6)] public partial bool Ignored6 { get; init; }

    /// <summary>PS: clear in this form.</summary>
    [Bits(7)] public partial bool LargePage { get; init; }

    /// <summary>Ignored by the processor.</summary>
    [Bits(8)] public partial bool Ignored8 { get; init; }
}
