namespace FastRmp.Rmp;

/// <summary>What became of RMPOPT.</summary>
/// <param name="Fault">The fault, if any: #UD or #GP(0).</param>
/// <param name="CarryFlag">CF: whether the core skips the checks of the region.</param>
/// <param name="IsContention">Whether CF is 0 only because another processor held an entry of the region: a verification may succeed when repeated.</param>
public readonly record struct RmpOptResult(RmpFault Fault, bool CarryFlag, bool IsContention = false);
