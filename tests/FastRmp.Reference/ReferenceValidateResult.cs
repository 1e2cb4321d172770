namespace FastRmp.Reference;

/// <summary>What came of PVALIDATE.</summary>
/// <param name="Result">Fault or code.</param>
/// <param name="CarryFlag">CF: Validated already had the wanted value; false after anything but success.</param>
public readonly record struct ReferenceValidateResult(ReferenceResult Result, bool CarryFlag);
