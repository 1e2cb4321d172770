using System;
using System.Runtime.CompilerServices;

namespace FastRmp;

/// <content>RMPOPT.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMPOPT: lets a core skip the RMP checks of a 1 GiB region in which nothing is assigned, or reports whether it
    /// does.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="core">Its core, used with no other table.</param>
    /// <param name="address">RAX: any address in the region; bits [29:0] do not matter.</param>
    /// <param name="function">RCX: verify and report; any other value reports.</param>
    /// <returns>CF, #UD or #GP(0).</returns>
    /// <remarks>
    /// <para>Source: AMD document 69201. Pages that are not covered count as unassigned. An RMPUPDATE that assigns a page of the region
    /// ends it on all cores (<see cref="ModelChoices.RmpOptEndsOnRelease"/>).</para>
    /// <para>Any threads, during any instruction: an entry that another processor is changing makes the verification fail. A verification
    /// reads the region's 262,144 entries, or as many as there are up to the first assigned one, unless another core has found the region
    /// free since the last RMPUPDATE there.</para>
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RmpOptResult RmpOpt(in ExecutionState processor, RmpOptCore core, PhysicalAddress address, RmpOptFunction function)
    {
        ArgumentNullException.ThrowIfNull(core);
        RmpOptCore.Window window = core.Current;
        return _protocol.Optimizations is { } record && _reportsPlainly && HostRules.MayExecute(processor)
            && window.TryGetSlot(address, out uint slot) && record.IsCurrent(address, window.Stamp(slot))
            ? new RmpOptResult(RmpFault.None, carryFlag: true)
            : Execute(processor, core, address.Value, (ulong)function);
    }

    /// <summary>RMPOPT by its registers.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="core">Its core, used with no other table.</param>
    /// <param name="rax">RAX: an address in the region, not modified. For one above bit 51 the core keeps no bit: CF = 0.</param>
    /// <param name="rcx">RCX: 0 verifies and reports, everything else reports.</param>
    /// <returns>CF, #UD or #GP(0).</returns>
    public RmpOptResult RmpOpt(in ExecutionState processor, RmpOptCore core, ulong rax, ulong rcx) =>
        RmpOpt(processor, core, rax, rcx, out _);

    /// <summary>Everything except a report of a region that is optimized, which has to be fast.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpOptResult Execute(in ExecutionState processor, RmpOptCore core, ulong rax, ulong rcx) =>
        RmpOpt(processor, core, rax, rcx, out _);

    /// <summary>RMPOPT, and how many entries it read.</summary>
    internal RmpOptResult RmpOpt(in ExecutionState processor, RmpOptCore core, ulong rax, ulong rcx, out uint entriesRead)
    {
        ArgumentNullException.ThrowIfNull(core);
        return RmpOptInstruction.Execute(_protocol, _geometry, processor, core, rax, rcx, out entriesRead);
    }
}
