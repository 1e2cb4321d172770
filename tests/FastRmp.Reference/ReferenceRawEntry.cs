namespace FastRmp.Reference;

/// <summary>One entry of a snapshot in its raw form.</summary>
/// <param name="Spa">The system physical address of the page.</param>
/// <param name="Low">Bytes 7:0 of the entry.</param>
/// <param name="High">Bytes 15:8 of the entry.</param>
public readonly record struct ReferenceRawEntry(ulong Spa, ulong Low, ulong High);
