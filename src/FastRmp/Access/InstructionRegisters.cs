namespace FastRmp;

/// <summary>The registers that the RMP instructions read and write; any values.</summary>
/// <param name="Rax">A guest virtual address (PVALIDATE, RMPADJUST, RMPQUERY) or a system physical one (RMPUPDATE, PSMASH, RMPREAD,
/// RMPOPT). Afterwards EAX holds the code, and [63:32] are zero; RMPOPT leaves it.</param>
/// <param name="Rcx">The page size of PVALIDATE (ECX) and RMPADJUST (RCX), afterwards that of the RMP from RMPQUERY; the virtual address of
/// the 16 bytes of RMPUPDATE and RMPREAD; RMPOPT's function.</param>
/// <param name="Rdx">EDX of PVALIDATE: 1 validates, 0 rescinds. RDX of RMPADJUST and RMPQUERY: <see cref="RmpAdjustOperand"/>. The others
/// do not use it.</param>
/// <param name="RFlags">Of the flags before, AC counts, with CR4.SMAP.</param>
/// <remarks>AMD64 APM vol. 3, the instructions.</remarks>
public readonly record struct InstructionRegisters(ulong Rax, ulong Rcx = 0, ulong Rdx = 0, RFlags RFlags = default);
