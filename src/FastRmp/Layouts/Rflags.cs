namespace FastRmp.Layouts;

/// <summary>The arithmetic flags of RFLAGS.</summary>
/// <remarks>The other bits are declared reserved here whatever they mean to the processor.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 1, 3.1.4")]
[Reserved(1)]
[Reserved(3)]
[Reserved(5)]
[Reserved(10, 8)]
[Reserved(63, 12)]
public readonly partial struct Rflags
{
    /// <summary>CF.</summary>
    [Bits(0)] public partial bool Carry { get; }

    /// <summary>PF: an even number of ones in the lowest byte of the result.</summary>
    [Bits(2)] public partial bool Parity { get; }

    /// <summary>AF.</summary>
    [Bits(4)] public partial bool Auxiliary { get; }

    /// <summary>ZF.</summary>
    [Bits(6)] public partial bool Zero { get; }

    /// <summary>SF.</summary>
    [Bits(7)] public partial bool Sign { get; }

    /// <summary>OF.</summary>
    [Bits(11)] public partial bool Overflow { get; }
}
