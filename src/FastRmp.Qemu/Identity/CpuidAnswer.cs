namespace FastRmp.Qemu;

/// <summary>What CPUID leaves in its four registers.</summary>
internal readonly record struct CpuidAnswer(uint Eax, uint Ebx, uint Ecx, uint Edx);
