namespace FastRmp.Firmware;

/// <summary>What firmware keeps of an ASID: for each core complex (CCX), a bit each, whether it is dirty, clean, allocated or used
/// there.</summary>
/// <param name="Dirty">It was used there; DF_FLUSH makes it clean.</param>
/// <param name="Clean">It can be given to a guest.</param>
/// <param name="Allocated">A guest that is being launched has it.</param>
/// <param name="Used">A running guest has it.</param>
/// <remarks>Normally a core complex is in one of the four. The default value, in none, is the state before the first
/// initialisation.</remarks>
public readonly record struct AsidState(ushort Dirty, ushort Clean, ushort Allocated, ushort Used)
{
    /// <summary>The core complexes where a guest has it.</summary>
    public ushort Bound => (ushort)(Allocated | Used);
}
