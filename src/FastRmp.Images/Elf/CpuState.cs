namespace FastRmp.Images;

/// <summary>The registers of one processor at the time of the dump, as far as a walker or a reader needs them.</summary>
/// <param name="Cr0">CR0: whether paging is on.</param>
/// <param name="Cr2">CR2: the address of the last page fault.</param>
/// <param name="Cr3">CR3: the root of the paging structures.</param>
/// <param name="Cr4">CR4: four or five levels.</param>
/// <param name="InstructionPointer">RIP.</param>
/// <param name="Flags">RFLAGS.</param>
/// <param name="StackPointer">RSP.</param>
/// <param name="CodeSelector">CS; the privilege level is bits [1:0].</param>
/// <remarks>Source: the note named <c>QEMU</c> of an ELF core, the emulator's own record; EFER is not in it.</remarks>
public readonly record struct CpuState(Cr0 Cr0, ulong Cr2, Cr3 Cr3, Cr4 Cr4, ulong InstructionPointer, ulong Flags, ulong StackPointer, uint CodeSelector);
