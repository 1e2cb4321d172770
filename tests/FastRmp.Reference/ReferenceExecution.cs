namespace FastRmp.Reference;

/// <summary>The state of the processor that executes an instruction (rmp 4.3). The defaults are a host kernel with SNP on.</summary>
public sealed record ReferenceExecution
{
    /// <summary>Whether the processor runs 64-bit code.</summary>
    public bool LongMode64 { get; init; } = true;

    /// <summary>The current privilege level, 0 to 3.</summary>
    public int Cpl { get; init; }

    /// <summary>The current ASID; 0 is the host.</summary>
    public uint CurrentAsid { get; init; }

    /// <summary>The current VMPL, 0 to 3; of SNP guests only.</summary>
    public int Vmpl { get; init; }

    /// <summary>Whether the code runs in an SNP guest; never true of ASID 0.</summary>
    public bool IsSnpGuest { get; init; }

    /// <summary>Whether SYSCFG.SNP_EN is set.</summary>
    public bool SnpEnabled { get; init; } = true;

    /// <summary>The kernel of an SNP guest.</summary>
    /// <param name="asid">Its ASID.</param>
    /// <param name="vmpl">Its VMPL.</param>
    /// <returns>CPL 0, 64-bit, SNP on.</returns>
    public static ReferenceExecution Guest(uint asid, int vmpl) => new() { CurrentAsid = asid, Vmpl = vmpl, IsSnpGuest = true };
}
