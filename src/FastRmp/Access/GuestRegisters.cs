namespace FastRmp;

/// <summary>The registers that PVALIDATE, RMPADJUST and RMPQUERY read and write; any values.</summary>
/// <param name="Rax">The guest virtual address; afterwards EAX holds the code, and [63:32] are zero.</param>
/// <param name="Rcx">The page size of PVALIDATE (ECX) and RMPADJUST (RCX); afterwards that of the RMP, from RMPQUERY.</param>
/// <param name="Rdx">EDX of PVALIDATE: 1 validates, 0 rescinds. RDX of RMPADJUST and RMPQUERY: <see cref="RmpAdjustOperand"/>.</param>
/// <param name="RFlags">Of the flags before, AC counts, with CR4.SMAP.</param>
/// <remarks>AMD64 APM vol. 3, the three instructions.</remarks>
public readonly record struct GuestRegisters(ulong Rax, ulong Rcx = 0, ulong Rdx = 0, RFlags RFlags = default);
