namespace FastRmp.Reference;

/// <summary>One entry of the RMP segment table (rmp 1.4).</summary>
/// <param name="Index">Which segment, from 0.</param>
/// <param name="Gib">The covered size in GiB; 0 covers nothing, more than the segment means the whole segment.</param>
/// <param name="RmpBase">The system physical address of the segment's entries.</param>
public readonly record struct ReferenceSegment(ulong Index, ulong Gib, ulong RmpBase);
