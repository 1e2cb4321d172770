using FastRmp.Firmware;

namespace FastRmp.Guarantee.Tests.Simulation;

/// <summary>A page of a guest that firmware has swapped out: encrypted, bound to the guest, to be swapped in once.</summary>
internal readonly record struct SwappedOutPage(uint Asid, ulong Content, MetadataEntry Metadata);
