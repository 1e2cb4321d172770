namespace FastRmp;

/// <summary>The host's instructions that change the RMP, as <see cref="ReverseMapTable{TGeometry}"/> executes them: what retry loops and
/// <see cref="SnpHost{TGeometry, TPolicy}"/> are written against, so that a test can substitute others.</summary>
/// <remarks><see cref="ScriptedInstructions"/> is one for tests. Any threads, unless an implementation says otherwise.</remarks>
public interface IHostInstructions
{
    /// <summary>RMPUPDATE.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page.</param>
    /// <param name="operand">The 16 bytes at [RCX].</param>
    /// <returns>How it ended.</returns>
    RmpResult RmpUpdate(in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand);

    /// <summary>PSMASH.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 2 MiB aligned.</param>
    /// <returns>How it ended.</returns>
    RmpResult PSmash(in ExecutionState processor, PhysicalAddress page);
}
