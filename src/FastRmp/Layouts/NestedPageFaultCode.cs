namespace FastRmp;

/// <summary>EXITINFO1 of a nested page fault, #VMEXIT(NPF).</summary>
/// <remarks>EXITINFO2 holds the guest physical address. Nested walks are user accesses, so that U is always set, unless GMET is on
/// (15.25.13).</remarks>
[BitLayout(64, Source = "AMD64 APM vol. 2, 15.25.6 and 15.36.10")]
[Reserved(30, 5)]
[Reserved(63, 38)]
public readonly partial struct NestedPageFaultCode
{
    /// <summary>P: the nested translation was present; the fault is one of rights, reserved bits or the RMP.</summary>
    [Bits(0)] public partial bool Present { get; init; }

    /// <summary>W: the access was a write; accesses to guest page tables count as writes.</summary>
    [Bits(1)] public partial bool Write { get; init; }

    /// <summary>U: always 1 without GMET; with it not to be relied on (erratum 1218).</summary>
    [Bits(2)] public partial bool User { get; init; }

    /// <summary>RSV: a reserved bit was set in a nested entry.</summary>
    [Bits(3)] public partial bool ReservedBit { get; init; }

    /// <summary>I/D: the access was a fetch.</summary>
    [Bits(4)] public partial bool Fetch { get; init; }

    /// <summary>RMP: the access failed an RMP check.</summary>
    [Bits(31)] public partial bool Rmp { get; init; }

    /// <summary>The fault is on the final guest physical address.</summary>
    [Bits(32)] public partial bool Final { get; init; }

    /// <summary>The fault is on an access to a guest page table.</summary>
    [Bits(33)] public partial bool PageTable { get; init; }

    /// <summary>ENC: the access was private (effective C-bit 1). On every nested page fault of an SNP guest, not only on those of the
    /// RMP.</summary>
    [Bits(34)] public partial bool Encrypted { get; init; }

    /// <summary>SIZEM: PVALIDATE or RMPADJUST named another page size than the RMP has.</summary>
    [Bits(35)] public partial bool SizeMismatch { get; init; }

    /// <summary>VMPL: the permission mask of the current VMPL forbids the access.</summary>
    [Bits(36)] public partial bool Vmpl { get; init; }

    /// <summary>SSS: a supervisor shadow-stack access.</summary>
    [Bits(37)] public partial bool ShadowStack { get; init; }
}
