namespace FastRmp.Cli.Walk;

/// <summary>An SNP guest, as the RMP knows it.</summary>
/// <param name="Asid">Its ASID.</param>
/// <param name="Vmpl">Its current VMPL.</param>
internal readonly record struct GuestIdentity(uint Asid, byte Vmpl);
