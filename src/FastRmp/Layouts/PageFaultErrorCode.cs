namespace FastRmp;

/// <summary>Error code of a page fault (#PF).</summary>
/// <remarks>CR2 holds the linear address of the access.</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, section 8.2.15 and 15.36")]
[Reserved(14, 7)]
[Reserved(30, 16)]
[Reserved(63, 32)]
public readonly partial struct PageFaultErrorCode
{
    /// <summary>P: the translation was present; the fault is one of rights, reserved bits, keys or the RMP.</summary>
    [Bits(0)] public partial bool Present { get; init; }

    /// <summary>W/R: the access was a write.</summary>
    [Bits(1)] public partial bool Write { get; init; }

    /// <summary>U/S: the access was made in user mode.</summary>
    [Bits(2)] public partial bool User { get; init; }

    /// <summary>RSV: a reserved bit was set in a present entry.</summary>
    [Bits(3)] public partial bool ReservedBit { get; init; }

    /// <summary>I/D: the access was a fetch (reported with EFER.NXE or CR4.SMEP).</summary>
    [Bits(4)] public partial bool Fetch { get; init; }

    /// <summary>PK: a protection key denied the access.</summary>
    [Bits(5)] public partial bool ProtectionKey { get; init; }

    /// <summary>SS: the access was one to a shadow stack.</summary>
    [Bits(6)] public partial bool ShadowStack { get; init; }

    /// <summary>SGX violation; Intel only.</summary>
    [Bits(15)] public partial bool Sgx { get; init; }

    /// <summary>RMP: the access failed an RMP check.</summary>
    [Bits(31)] public partial bool Rmp { get; init; }
}
