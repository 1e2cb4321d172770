namespace FastRmp;

/// <summary>PDE that points to a page table; covers 2 MiB (Linux: PMD).</summary>
/// <remarks>PS is clear; with PS set the entry is a 2 MiB leaf, <see cref="Pde2M"/>.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, chapter 5, long-mode paging")]
[Shared(typeof(IPagingFields))]
[Shared(typeof(IPagingTableFields))]
public readonly partial struct Pde
{
    /// <summary>Ignored by the processor.</summary>
    [Bits(6)] public partial bool Ignored6 { get; init; }

    /// <summary>PS: clear in this form.</summary>
    [Bits(7)] public partial bool LargePage { get; init; }

    /// <summary>Ignored by the processor.</summary>
    [Bits(8)] public partial bool Ignored8 { get; init; }
}
