namespace FastRmp.Reference;

/// <summary>What the guest's instructions find in registers and leave there (rmp 4.1).</summary>
/// <param name="Rax">The guest virtual address, then the code.</param>
/// <param name="Rcx">The page size.</param>
/// <param name="Rdx">The rest of the operands.</param>
/// <param name="Flags">RFLAGS: CF 0, PF 2, AF 4, ZF 6, SF 7, OF 11, AC 18.</param>
public readonly record struct ReferenceRegisters(ulong Rax, ulong Rcx, ulong Rdx, ulong Flags);
