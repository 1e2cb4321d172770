using System.Runtime.CompilerServices;

namespace FastRmp;

/// <content>The host's instructions: the page is looked up here; each instruction has a class of its own.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMPUPDATE: gives a page the state in the operand.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 4 KiB aligned, or 2 MiB aligned for a 2 MiB operand.</param>
    /// <param name="operand">The 16 bytes at [RCX].</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_INUSE (contention, or a running guest uses the page), FAIL_OVERLAP, #UD or
    /// #GP(0). Anything but SUCCESS changed nothing.</returns>
    /// <remarks>Source: AMD64 APM vol. 3, RMPUPDATE. Atomic to every other instruction and check; never waits; allocates nothing, but for
    /// the first count of a thread in a table in storage of its own that another thread made. A 4 KiB update is O(1), a 2 MiB one touches
    /// the 512 entries of its region.</remarks>
    public RmpResult RmpUpdate(in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand) =>
        HostRules.MayExecute(processor) ? Update(page, operand) : HostRules.Refusal(processor);

    /// <summary>RMPUPDATE by a processor that may execute it; inlined, for a caller to which one more call is much.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RmpResult Update(PhysicalAddress page, in RmpUpdateOperand operand) =>
        _protocol.Changes.IsWatched ? UpdateWatched(page, operand) : UpdateUncounted(page, operand);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult UpdateWatched(PhysicalAddress page, in RmpUpdateOperand operand)
    {
        ulong[]? begun = BeginChange(page, out uint stamp);
        RmpResult result = UpdateUncounted(page, operand);
        EntryChanges.End(begun, stamp);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RmpResult UpdateUncounted(PhysicalAddress page, in RmpUpdateOperand operand)
    {
        if (_protocol.Choices.IgnoreLowAddressBits) page = page.AlignDown(PageSize.Size4K);
        RmpUpdateOperand wanted = operand; // read once
        if (!RmpUpdateInstruction.Accepts(_protocol, page, wanted)) return RmpResult.Fail(RmpStatus.FailInput);
        if (!_geometry.TryGetIndex(page, out nuint index)) return IsUncovered() ? RmpResult.Fail(RmpStatus.FailInput) : default;
        if (wanted.PageSize == PageSize.Size2M) return RmpUpdate2M.Update(_protocol, index, page, wanted);
        return (index & RmpProtocol.LastSubpage) == 0
            ? RmpUpdate4K.UpdateBase(_protocol, index, page, wanted)
            : RmpUpdate4K.UpdateSubpage(_protocol, index, page, wanted);
    }

    /// <inheritdoc
    /// cref="HostInstructions.RmpUpdate{T}(T, in ExecutionState, PhysicalAddress, in RmpUpdateOperand, RetryRule, long, out long)"/>
    /// <remarks>The loop of <see cref="HostInstructions"/>, without a call through an interface.</remarks>
    public RmpResult RmpUpdate(
        in ExecutionState processor, PhysicalAddress page, in RmpUpdateOperand operand, RetryRule rule, long maxRetries, out long retries)
    {
        retries = 0;
        if (!HostRules.MayExecute(processor)) return HostRules.Refusal(processor);
        RmpResult result = UpdateOnce(page, operand);
        return result.IsContention ? Repeat(page, operand, result, rule, maxRetries, out retries) : result;
    }

    /// <inheritdoc cref="HostInstructions.RmpUpdate{T}(T, PhysicalAddress, in RmpUpdateOperand, RetryRule)"/>
    /// <remarks>The loop of <see cref="HostInstructions"/>, without a call through an interface.</remarks>
    public RmpResult RmpUpdate(PhysicalAddress page, in RmpUpdateOperand operand, RetryRule rule)
    {
        RmpResult result = UpdateOnce(page, operand);
        return result.IsContention ? Repeat(page, operand, result, rule, long.MaxValue, out _) : result;
    }

    /// <summary>The first try of a caller that repeats it. Two in one method, as callers have them, leave too few registers for
    /// either.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal RmpResult UpdateOnce(PhysicalAddress page, in RmpUpdateOperand operand) => Update(page, operand);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult Repeat(
        PhysicalAddress page, in RmpUpdateOperand operand, RmpResult result, RetryRule rule, long maxRetries, out long retries)
    {
        RetryLoop loop = new(rule, maxRetries);
        while (loop.Again(result))
        {
            result = UpdateOnce(page, operand);
        }

        retries = loop.Retries;
        return result;
    }

    /// <summary>Whether an RMPUPDATE has invalidated what processors had cached of the translations to its page; for callers that model a
    /// TLB.</summary>
    /// <param name="update">What the instruction ended with.</param>
    /// <returns>True after SUCCESS, unless <see cref="ModelChoices.RmpUpdateLeavesTlb"/> leaves that to software.</returns>
    public bool InvalidatesTlb(RmpResult update) => update.IsSuccess && !Choices.RmpUpdateLeavesTlb;

    /// <summary>PSMASH: turns a 2 MiB page of the RMP into 512 pages of 4 KiB with the same owner, attributes and consecutive guest
    /// addresses.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 2 MiB aligned.</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_INUSE (contention, or a running guest uses the page), FAIL_BADADDR, #UD or
    /// #GP(0). Anything but SUCCESS changed nothing.</returns>
    /// <remarks>Source: AMD64 APM vol. 3, PSMASH. Atomic to every other instruction and check; never waits; allocates nothing. Neither
    /// ownership nor the counters by ASID change.</remarks>
    public RmpResult PSmash(in ExecutionState processor, PhysicalAddress page)
    {
        if (!HostRules.MayExecute(processor)) return HostRules.Refusal(processor);
        if (!page.IsAligned(PageSize.Size2M) || !TryGetIndex(page, out nuint index)) return RmpResult.Fail(RmpStatus.FailInput);
        ulong[]? begun = BeginChange(page, out uint stamp);
        RmpResult result = PSmashInstruction.Execute(_protocol, index, page);
        EntryChanges.End(begun, stamp);
        return result;
    }

    /// <summary>RMPREAD: what the architecture discloses of a page's own entry.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 4 KiB aligned.</param>
    /// <param name="output">The 16 bytes at [RCX]; zero unless SUCCESS.</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, #UD or #GP(0); FAIL_INUSE with <see cref="RmpResult.IsContention"/> if other
    /// processors held the entry each time it was read. Changes nothing.</returns>
    /// <remarks>
    /// <para>Source: AMD64 APM vol. 3, RMPREAD. For a save area in use the ASID is 0x3FE
    /// (<see cref="ModelChoices.RmpReadShowsOwnerOfVmsa"/>). A sub-page of a 2 MiB page shows its own entry, Assigned and little else: read
    /// the 2 MiB-aligned page, too, as Linux does.</para>
    /// <para>Any threads. All disclosed fields are in one quadword, which is read once, at rest.</para>
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RmpResult RmpRead(in ExecutionState processor, PhysicalAddress page, out RmpReadOutput output)
    {
        if (_protocol.Processor.HasRmpRead && HostRules.MayExecute(processor) && _geometry.TryGetIndex(page, out nuint index)
            && page.IsAligned(PageSize.Size4K))
        {
            return RmpReadInstruction.Execute(_protocol, index, page, out output);
        }

        output = default;
        return RefusedRead(processor, page);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult RefusedRead(in ExecutionState processor, PhysicalAddress page)
    {
        if (!_protocol.Processor.HasRmpRead) return RmpResult.InvalidOpcode;
        if (!HostRules.MayExecute(processor)) return HostRules.Refusal(processor);
        _ = IsCovered(page); // throws if the table was disposed
        return RmpResult.Fail(RmpStatus.FailInput);
    }
}
