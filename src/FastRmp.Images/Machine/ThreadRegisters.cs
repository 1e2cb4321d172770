namespace FastRmp.Images;

/// <summary>What a kernel's crash note says of one processor: the general registers, no control registers.</summary>
/// <param name="InstructionPointer">RIP.</param>
/// <param name="StackPointer">RSP.</param>
/// <param name="Process">The process that ran.</param>
/// <remarks>Source: Linux include/linux/elfcore.h (elf_prstatus), arch/x86/include/asm/user_64.h.</remarks>
public readonly record struct ThreadRegisters(ulong InstructionPointer, ulong StackPointer, int Process);
