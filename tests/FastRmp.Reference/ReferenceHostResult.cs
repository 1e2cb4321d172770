namespace FastRmp.Reference;

/// <summary>The result of the host's function for an RMPUPDATE.</summary>
/// <param name="Status">How far it came.</param>
/// <param name="Instruction">The result of the instruction; only with <see cref="ReferenceHostStatus.Executed"/>.</param>
public readonly record struct ReferenceHostResult(ReferenceHostStatus Status, ReferenceResult Instruction)
{
    /// <summary>Whether the RMP was changed as asked.</summary>
    public bool Succeeded => Status == ReferenceHostStatus.Executed && Instruction.Succeeded;
}
