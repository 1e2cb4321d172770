namespace FastRmp;

/// <summary>RMP_BASE, MSR C001_0132, and RMP_END, MSR C001_0133: the first and the last byte of the table.</summary>
/// <remarks>Hardware looks at the address field of RMP_BASE and of RMP_END + 1, so that the range has a granularity of 8 KiB.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.36")]
[Reserved(63, 52)]
internal readonly partial struct RmpBoundary
{
    /// <summary>The bits below the granularity: zero in RMP_BASE, all ones in RMP_END.</summary>
    [Bits(12, 0)] public partial ushort Low { get; init; }

    /// <summary>The 8 KiB unit.</summary>
    [AddressBits(51, 13)] public partial PhysicalAddress Unit { get; init; }
}
