namespace FastRmp.Images.Study;

/// <summary>Instructions that a conversion consists of, page after page, and what became of each: as a run, since a conversion may be
/// 262144 of them, and there are thousands of conversions in a block.</summary>
/// <param name="Page">The first page.</param>
/// <param name="Pages">How many pages of 4 KiB: those of as many RMPUPDATEs as are of the operand's size.</param>
/// <param name="Operand">The operand of an RMPUPDATE, the first one's.</param>
/// <param name="IsSmash">Whether it is a PSMASH.</param>
/// <param name="Outcome">What became of it.</param>
internal readonly record struct RmpChange(PhysicalAddress Page, ulong Pages, RmpUpdateOperand Operand, bool IsSmash, RmpOutcome Outcome)
{
    /// <summary>Whether another run goes on where this one ends, with the same result.</summary>
    internal bool IsFollowedBy(in RmpChange next) =>
        next.Page.PageNumber == Page.PageNumber + Pages && next.Outcome == Outcome && !IsSmash && !next.IsSmash
        && next.Operand.PageSize == Operand.PageSize && next.Operand.Assigned == Operand.Assigned && next.Operand.Asid == Operand.Asid;
}
