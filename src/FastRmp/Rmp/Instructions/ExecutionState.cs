namespace FastRmp;

/// <summary>The state of the executing processor that an RMP instruction depends on. Immutable.</summary>
/// <param name="Is64BitMode">Whether the processor is in 64-bit mode; else #UD for all instructions but PVALIDATE.</param>
/// <param name="Cpl">Current privilege level, 0 to 3; not 0 gives #GP(0).</param>
/// <param name="Asid">Current ASID: 0 on the host; in a guest the host's instructions return FAIL_PERMISSION.</param>
/// <param name="SnpEnabled">SYSCFG.SNP_EN; else #UD.</param>
/// <param name="Vmpl">Current VMPL of a guest, 0 (the most privileged) to 3.</param>
/// <param name="IsSnpGuest">Whether a guest (ASID not 0) runs with SNP; in another guest the guest's instructions are #UD.</param>
public readonly record struct ExecutionState(bool Is64BitMode, byte Cpl, uint Asid, bool SnpEnabled, byte Vmpl = 0, bool IsSnpGuest = true)
{
    /// <summary>The host kernel with SNP enabled: 64-bit mode, CPL 0, ASID 0.</summary>
    public static ExecutionState Host => new(Is64BitMode: true, Cpl: 0, Asid: 0, SnpEnabled: true);

    /// <summary>The kernel of an SNP guest: 64-bit mode, CPL 0.</summary>
    /// <param name="asid">Its ASID, not 0.</param>
    /// <param name="vmpl">Its VMPL, 0 to 3.</param>
    /// <returns>The state.</returns>
    public static ExecutionState Guest(uint asid, byte vmpl = 0) => new(Is64BitMode: true, Cpl: 0, asid, SnpEnabled: true, vmpl);
}
