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

    /// <summary>Whether SYSCFG.SNP_EN is set.</summary>
    public bool SnpEnabled { get; init; } = true;
}
