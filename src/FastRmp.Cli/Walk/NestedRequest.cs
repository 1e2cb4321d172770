namespace FastRmp.Cli.Walk;

/// <summary>What a walk through nested tables needs besides the guest's own root.</summary>
/// <param name="Root">nCR3.</param>
/// <param name="IsFiveLevel">Whether the user says that the nested tables have five levels.</param>
/// <param name="HasExecuteTrap">Whether GMET is on.</param>
/// <param name="Guest">The SNP guest; null for one without SNP.</param>
/// <param name="VirtualTom">VIRTUAL_TOM; null if that feature is off.</param>
internal sealed record NestedRequest(
    ulong Root, bool IsFiveLevel, bool HasExecuteTrap, GuestIdentity? Guest, GuestPhysicalAddress? VirtualTom);
