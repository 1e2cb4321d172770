namespace FastRmp.Images.Study;

/// <summary>One of the instructions that a conversion consists of, and what became of it.</summary>
/// <param name="Page">The page.</param>
/// <param name="Operand">The operand of an RMPUPDATE.</param>
/// <param name="IsSmash">Whether it is a PSMASH.</param>
/// <param name="Outcome">What became of it.</param>
internal readonly record struct RmpChange(PhysicalAddress Page, RmpUpdateOperand Operand, bool IsSmash, RmpOutcome Outcome);
