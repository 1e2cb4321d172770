namespace FastRmp.Reference;

/// <summary>What an ASID is on the core complexes, as firmware keeps it: a bit for each complex in each mask (rmp 12.3).</summary>
/// <param name="Dirty">Free, but caches may still hold what its last guest left.</param>
/// <param name="Clean">Free, and nothing of it is in a cache.</param>
/// <param name="Allocated">Bound to a guest that has not run.</param>
/// <param name="Used">Bound to a guest that runs.</param>
public readonly record struct ReferenceAsid(int Dirty, int Clean, int Allocated, int Used);
