namespace FastRmp.Images;

/// <summary>The table, but an instruction that failed when it was recorded fails with the same code, and changes nothing.</summary>
internal sealed class RecordedAnswers(IHostInstructions table) : IHostInstructions
{
    /// <summary>The answer to the next instruction; null for the table's own.</summary>
    internal RmpResult? Next { get; set; }

    /// <inheritdoc/>
    public RmpResult RmpUpdate(in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand) =>
        Next ?? table.RmpUpdate(processor, page, operand);

    /// <inheritdoc/>
    public RmpResult PSmash(in ExecutionState processor, PhysicalAddress page) => Next ?? table.PSmash(processor, page);
}
