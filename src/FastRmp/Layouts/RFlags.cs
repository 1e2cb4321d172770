namespace FastRmp;

/// <summary>RFLAGS, as far as long mode has it.</summary>
[BitLayout(64, Source = "AMD64 APM vol. 2, section 3.1.6")]
[Reserved(1)]
[Reserved(3)]
[Reserved(5)]
[Reserved(15)]
[Reserved(63, 22)]
public readonly partial struct RFlags
{
    /// <summary>CF: of PVALIDATE, whether the page had the state already.</summary>
    [Bits(0)] public partial bool Carry { get; init; }

    /// <summary>PF: whether the low byte of a result has an even number of ones.</summary>
    [Bits(2)] public partial bool Parity { get; init; }

    /// <summary>AF.</summary>
    [Bits(4)] public partial bool Auxiliary { get; init; }

    /// <summary>ZF: whether a result is zero.</summary>
    [Bits(6)] public partial bool Zero { get; init; }

    /// <summary>SF: the highest bit of a result.</summary>
    [Bits(7)] public partial bool Sign { get; init; }

    /// <summary>TF.</summary>
    [Bits(8)] public partial bool Trap { get; init; }

    /// <summary>IF.</summary>
    [Bits(9)] public partial bool Interrupt { get; init; }

    /// <summary>DF.</summary>
    [Bits(10)] public partial bool Direction { get; init; }

    /// <summary>OF.</summary>
    [Bits(11)] public partial bool Overflow { get; init; }

    /// <summary>IOPL.</summary>
    [Bits(13, 12)] public partial byte IoPrivilegeLevel { get; init; }

    /// <summary>NT.</summary>
    [Bits(14)] public partial bool NestedTask { get; init; }

    /// <summary>RF.</summary>
    [Bits(16)] public partial bool Resume { get; init; }

    /// <summary>VM.</summary>
    [Bits(17)] public partial bool Virtual8086 { get; init; }

    /// <summary>AC: with CR4.SMAP, explicit supervisor accesses to user pages are allowed.</summary>
    [Bits(18)] public partial bool AlignmentCheck { get; init; }

    /// <summary>VIF.</summary>
    [Bits(19)] public partial bool VirtualInterrupt { get; init; }

    /// <summary>VIP.</summary>
    [Bits(20)] public partial bool VirtualInterruptPending { get; init; }

    /// <summary>ID.</summary>
    [Bits(21)] public partial bool Identification { get; init; }
}
