namespace FastRmp;

/// <summary>Control register CR3 in long mode.</summary>
/// <remarks>Bits [11:0] hold the PCID with CR4.PCIDE, else PWT and PCD; a walk does not depend on them.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 5.3.2")]
[Reserved(62, 52)]
public readonly partial struct Cr3
{
    /// <summary>PCID, or PWT (bit 3) and PCD (bit 4).</summary>
    [Bits(11, 0)] public partial ushort Low { get; init; }

    /// <summary>Address of the top table.</summary>
    [AddressBits(51, 12)] public partial PhysicalAddress Table { get; init; }

    /// <summary>In a value to be written, with CR4.PCIDE: keep the translations of the PCID.</summary>
    [Bits(63)] public partial bool NoFlush { get; init; }
}
