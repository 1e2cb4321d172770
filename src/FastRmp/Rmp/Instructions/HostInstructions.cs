using System;

namespace FastRmp;

/// <summary>The host's instructions with the kernel's loop around them: repeated while another processor holds the entry.</summary>
/// <remarks>A bound of <see cref="long.MaxValue"/> is the kernel's loop: it ends when the other processors complete their instructions,
/// unless a thread was terminated inside one. Any threads; allocates nothing.</remarks>
public static class HostInstructions
{
    /// <summary>RMPUPDATE by the host's kernel (64-bit mode, CPL 0, SNP on), once.</summary>
    /// <typeparam name="T">The table, or what stands for it.</typeparam>
    /// <param name="instructions">Executes the instruction.</param>
    /// <param name="page">The page.</param>
    /// <param name="operand">The state it shall have.</param>
    /// <returns>How it ended.</returns>
    public static RmpResult RmpUpdate<T>(this T instructions, PhysicalAddress page, in RmpUpdateOperand operand)
        where T : IHostInstructions => instructions.RmpUpdate(ExecutionState.Host, page, operand);

    /// <summary>RMPUPDATE by the host's kernel (64-bit mode, CPL 0, SNP on), until it no longer reports contention by a code that the rule
    /// covers.</summary>
    /// <typeparam name="T">The table, or what stands for it.</typeparam>
    /// <param name="instructions">Executes the instruction.</param>
    /// <param name="page">The page.</param>
    /// <param name="operand">The state it shall have.</param>
    /// <param name="rule">The codes to retry.</param>
    /// <returns>The last result. A persistent FAIL_OVERLAP is returned at once, never looped on.</returns>
    public static RmpResult RmpUpdate<T>(this T instructions, PhysicalAddress page, in RmpUpdateOperand operand, RetryRule rule)
        where T : IHostInstructions => RmpUpdate(instructions, ExecutionState.Host, page, operand, rule, long.MaxValue, out _);

    /// <summary>RMPUPDATE, until it no longer reports contention by a code that the rule covers, or the retries are used up.</summary>
    /// <typeparam name="T">The table, or what stands for it.</typeparam>
    /// <param name="instructions">Executes the instruction.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">The page.</param>
    /// <param name="operand">The state it shall have.</param>
    /// <param name="rule">The codes to retry.</param>
    /// <param name="maxRetries">How often to try again at most; 0 or less tries once.</param>
    /// <param name="retries">How many tries failed before the result.</param>
    /// <returns>The last result; with <see cref="RmpResult.IsContention"/> set if the bound ended the loop.</returns>
    public static RmpResult RmpUpdate<T>(
        this T instructions, in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand, RetryRule rule,
        long maxRetries, out long retries)
        where T : IHostInstructions
    {
        ArgumentNullException.ThrowIfNull(instructions);
        RetryLoop loop = new(rule, maxRetries);
        RmpResult result;
        do
        {
            result = instructions.RmpUpdate(processor, page, operand);
        }
        while (loop.Again(result));
        retries = loop.Retries;
        return result;
    }

    /// <summary>PSMASH, until it no longer reports contention, or the retries are used up, as KVM's wrapper does.</summary>
    /// <typeparam name="T">The table, or what stands for it.</typeparam>
    /// <param name="instructions">Executes the instruction.</param>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">The page, 2 MiB aligned.</param>
    /// <param name="maxRetries">How often to try again at most; 0 or less tries once.</param>
    /// <param name="retries">How many tries failed before the result.</param>
    /// <returns>The last result; with <see cref="RmpResult.IsContention"/> set if the bound ended the loop. FAIL_INUSE of a page that a
    /// running guest uses is returned at once: it lasts until #VMEXIT.</returns>
    public static RmpResult PSmash<T>(
        this T instructions, in ExecutionState processor, PhysicalAddress page, long maxRetries, out long retries)
        where T : IHostInstructions
    {
        ArgumentNullException.ThrowIfNull(instructions);
        RetryLoop loop = new(RetryRule.Any, maxRetries);
        RmpResult result;
        do
        {
            result = instructions.PSmash(processor, page);
        }
        while (loop.Again(result));
        retries = loop.Retries;
        return result;
    }
}
