namespace FastRmp.Reference;

/// <summary>What came of RMPOPT.</summary>
/// <param name="Fault">The fault, or none.</param>
/// <param name="CarryFlag">CF: the region is optimised on this core.</param>
public readonly record struct ReferenceOptResult(ReferenceFault Fault, bool CarryFlag);
