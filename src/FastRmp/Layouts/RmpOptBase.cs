namespace FastRmp;

/// <summary>RMPOPT_BASE, MSR C001_0139, one for each core: where the 2 TiB begin for which the core can skip RMP checks.</summary>
/// <remarks>Exists with CPUID Fn8000_0025 EDX[0]. RMPOPT is #UD on a processor that has not set it.</remarks>
[BitLayout(64, Source = "AMD 69201, RMPOPT")]
[Reserved(29, 1)]
[Reserved(63, 52)]
internal readonly partial struct RmpOptBase
{
    /// <summary>The core keeps a bit for each GiB from <see cref="Base"/> on.</summary>
    [Bits(0)] public partial bool Enabled { get; init; }

    /// <summary>First byte of the window; 1 GiB aligned.</summary>
    [AddressBits(51, 30)] public partial PhysicalAddress Base { get; init; }
}
