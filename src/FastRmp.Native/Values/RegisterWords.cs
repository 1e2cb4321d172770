using System.Runtime.InteropServices;

namespace FastRmp.Native;

/// <summary>struct frmp_instruction_registers.</summary>
/// <param name="Rax">RAX.</param>
/// <param name="Rcx">RCX.</param>
/// <param name="Rdx">RDX.</param>
/// <param name="RFlags">RFLAGS.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RegisterWords(ulong Rax, ulong Rcx, ulong Rdx, ulong RFlags)
{
    /// <summary>The library's.</summary>
    internal InstructionRegisters Registers => new(Rax, Rcx, Rdx, new RFlags(RFlags));

    /// <summary>Those after an instruction.</summary>
    internal static RegisterWords Of(in InstructionRegisters registers) =>
        new(registers.Rax, registers.Rcx, registers.Rdx, registers.RFlags.Value);
}
