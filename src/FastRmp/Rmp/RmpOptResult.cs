namespace FastRmp.Rmp;

/// <summary>What became of RMPOPT.</summary>
/// <param name="Fault">The fault, if any: #UD or #GP(0).</param>
/// <param name="CarryFlag">CF: whether the core skips the checks of the region.</param>
public readonly record struct RmpOptResult(RmpFault Fault, bool CarryFlag);
