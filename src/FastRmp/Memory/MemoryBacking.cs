namespace FastRmp;

/// <summary>What the system has given a block of memory so far.</summary>
/// <param name="Requested">The size of page that the block asked for: 2 MiB or 4 KiB.</param>
/// <param name="IsGranted">Whether the system agrees to give what was asked for where it can. False for 2 MiB pages where the system
/// does not have them, or has been told to give none, to nobody or not to this process; for a file, a borrowed block and ordinary memory,
/// which ask for nothing, true.</param>
/// <param name="ResidentBytes">Bytes in memory now.</param>
/// <param name="LargePageBytes">Bytes of these in pages of 2 MiB, a multiple of 2 MiB. Less than all if the system was short of them, if a
/// part was never touched, or after a fork, when the first write to a shared page of 2 MiB makes it pages of 4 KiB.</param>
/// <remarks>Both numbers are the sums that Linux prints in <c>/proc/self/smaps</c> for the mappings in which the block lies, so those of a
/// borrowed or small block may contain a neighbour's; zero on other systems.</remarks>
public readonly record struct MemoryBacking(PageSize Requested, bool IsGranted, ulong ResidentBytes, ulong LargePageBytes);
