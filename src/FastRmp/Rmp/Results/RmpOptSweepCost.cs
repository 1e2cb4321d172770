namespace FastRmp;

/// <summary>What a sweep of RMPOPT over all memory did, in the units that its time depends on.</summary>
/// <param name="Regions">Regions of 1 GiB in the window.</param>
/// <param name="OptimizedRegions">How many of them are optimized on the leader's core in the end.</param>
/// <param name="EntriesRead">RMP entries read, by the leader and by whoever found a region changed after it: 262,144 for a free region, as few as one for a region whose first page is assigned.</param>
/// <param name="Instructions">RMPOPT instructions: each region once by the leader, and once on every core.</param>
/// <param name="Interrupts">Interrupts between processors: one to each core but the leader's.</param>
public readonly record struct RmpOptSweepCost(int Regions, int OptimizedRegions, ulong EntriesRead, ulong Instructions, int Interrupts);
