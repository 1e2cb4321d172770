namespace FastRmp.Reference;

/// <summary>The operands of RMPADJUST in RCX and RDX (rmp 4.1).</summary>
public sealed record ReferenceAdjustInput
{
    /// <summary>RCX: whether 2 MiB are meant.</summary>
    public bool Large { get; init; }

    /// <summary>RDX bits 7:0: the VMPL whose permissions change.</summary>
    public byte TargetVmpl { get; init; }

    /// <summary>RDX bits 15:8: the new mask.</summary>
    public byte Mask { get; init; }

    /// <summary>RDX bit 16: the new VMSA.</summary>
    public bool Vmsa { get; init; }

    /// <summary>Whether any other bit of RDX is set.</summary>
    public bool ReservedNonZero { get; init; }
}
