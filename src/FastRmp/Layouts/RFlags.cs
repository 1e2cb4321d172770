namespace FastRmp.Layouts;

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
    [Bits(0)] public partial bool Carry { get; }

    /// <summary>PF: whether the low byte of a result has an even number of ones.</summary>
    [Bits(2)] public partial bool Parity { get; }

    /// <summary>AF.</summary>
    [Bits(4)] public partial bool Auxiliary { get; }

    /// <summary>ZF: whether a result is zero.</summary>
    [Bits(6)] public partial bool Zero { get; }

    /// <summary>SF: the highest bit of a result.</summary>
    [Bits(7)] public partial bool Sign { get; }

    /// <summary>TF.</summary>
    [Bits(8)] public partial bool Trap { get; }

    /// <summary>IF.</summary>
    [Bits(9)] public partial bool Interrupt { get; }

    /// <summary>DF.</summary>
    [Bits(10)] public partial bool Direction { get; }

    /// <summary>OF.</summary>
    [Bits(11)] public partial bool Overflow { get; }

    /// <summary>IOPL.</summary>
    [Bits(13, 12)] public partial byte IoPrivilegeLevel { get; }

    /// <summary>NT.</summary>
    [Bits(14)] public partial bool NestedTask { get; }

    /// <summary>RF.</summary>
    [Bits(16)] public partial bool Resume { get; }

    /// <summary>VM.</summary>
    [Bits(17)] public partial bool Virtual8086 { get; }

    /// <summary>AC: with CR4.SMAP, explicit supervisor accesses to user pages are allowed.</summary>
    [Bits(18)] public partial bool AlignmentCheck { get; }

    /// <summary>VIF.</summary>
    [Bits(19)] public partial bool VirtualInterrupt { get; }

    /// <summary>VIP.</summary>
    [Bits(20)] public partial bool VirtualInterruptPending { get; }

    /// <summary>ID.</summary>
    [Bits(21)] public partial bool Identification { get; }
}
