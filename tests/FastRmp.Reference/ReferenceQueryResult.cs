namespace FastRmp.Reference;

/// <summary>What came of RMPQUERY; the fields are 0 after anything but success.</summary>
/// <param name="Result">Fault or code.</param>
/// <param name="Large">Page_Size of the RMP entry.</param>
/// <param name="Mask">The permissions of the VMPL that was asked for.</param>
/// <param name="Vmsa">VMSA.</param>
public readonly record struct ReferenceQueryResult(ReferenceResult Result, bool Large, byte Mask, bool Vmsa);
