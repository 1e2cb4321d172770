using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Addressing;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>RMPOPT.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    private readonly RmpOptRecord? _optimizations;

    /// <summary>RMPOPT: lets a core skip the RMP checks of a 1 GiB region in which nothing is assigned, or tells whether it does.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="core">Its core, used with no other table.</param>
    /// <param name="address">RAX: any address in the region; bits [29:0] do not matter.</param>
    /// <param name="function">RCX.</param>
    /// <returns>CF, #UD or #GP(0).</returns>
    /// <remarks>
    /// <para>Source: AMD document 69201. Pages that are not covered count as unassigned. Every successful RMPUPDATE in the region ends it on all cores (<see cref="Model.ModelChoices.RmpOptKeptOnRelease"/>).</para>
    /// <para>Any threads, beside any instruction: an entry that another processor is changing makes the verification fail. A verification reads the region's 262,144 entries unless another core has done so since the last RMPUPDATE there.</para>
    /// </remarks>
    public RmpOptResult RmpOpt(in ExecutionState processor, RmpOptCore core, PhysicalAddress address, RmpOptFunction function)
    {
        ArgumentNullException.ThrowIfNull(core);
        if (_optimizations is not { } record || processor.Asid != 0 || !core.Register.Enabled || !(_geometry.IsSegmented || Choices.RmpOptOnContiguous))
        {
            return new RmpOptResult(RmpFault.InvalidOpcode, carryFlag: false);
        }

        if (!MayExecute(processor)) return new RmpOptResult(Refusal(processor).Fault, carryFlag: false);
        if (!core.TryGetSlot(address, out uint slot)) return default;
        if (record.IsCurrent(address, core.Stamp(slot))) return new RmpOptResult(RmpFault.None, carryFlag: true);
        if (function != RmpOptFunction.VerifyAndReport) return default;
        ulong stamp = record.Begin(address);
        if (!record.IsVerified(address, stamp))
        {
            if (!IsFree(address.AlignDown(PageSize.Size1G))) return default;
            record.SetVerified(address, stamp);
        }

        core.SetStamp(slot, stamp);
        return new RmpOptResult(RmpFault.None, record.IsCurrent(address, stamp));
    }

    /// <summary>Whether no entry of a 1 GiB region is assigned, or locked and so perhaps about to be.</summary>
    private bool IsFree(PhysicalAddress start)
    {
        for (ulong offset = 0; offset < PageSize.Size1G.Bytes(); offset += PageSize.Size2M.Bytes())
        {
            if (!_geometry.TryGetIndex(start + offset, out nuint index)) continue;
            ReadOnlySpan<RmpEntry> region = _entries.Entries(index, (int)PageSize.Size2M.Pages());
            if (AssignedScan.AnyOf(MemoryMarshal.Cast<RmpEntry, ulong>(region), RmpEntry.AssignedMask | RmpEntry.LockMask)) return false;
        }

        return true;
    }

    /// <summary>Ends the skipping of checks around a page. Called under the lock of the entry, when the update can no longer fail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndOptimization(PhysicalAddress page, bool assigns)
    {
        if (_optimizations is { } record && (assigns || !Choices.RmpOptKeptOnRelease)) record.Clear(page);
    }
}
