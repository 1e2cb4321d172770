namespace FastRmp.Reference;

/// <summary>What KVM did about a nested page fault, in words (rmp 14).</summary>
/// <param name="Verdict">"done", "memory fault", "mmio" or "warning".</param>
/// <param name="ExitGpa">Of a memory fault, otherwise 0; so the next two.</param>
/// <param name="ExitSize">Bytes.</param>
/// <param name="ExitFlags">8 for private.</param>
/// <param name="Level">Of a mapping that was made.</param>
/// <param name="Rmp">"" if the RMP was not looked at; "spurious", "psmash", "psmash failed", "warn shared" or "warn unassigned".</param>
/// <param name="Zapped">The number of frames whose nested mappings were dropped.</param>
public readonly record struct ReferenceKvmResult(
    string Verdict, ulong ExitGpa, ulong ExitSize, ulong ExitFlags, ReferencePageSize? Level, string Rmp, int Zapped);
