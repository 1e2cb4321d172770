using FastRmp.Firmware;

namespace FastRmp.Guarantee.Tests.Play;

/// <summary>A page of a guest that firmware has swapped out: sealed, bound to the guest, good for one time.</summary>
internal readonly record struct SwapTicket(uint Asid, ulong Content, MetadataEntry Metadata);
