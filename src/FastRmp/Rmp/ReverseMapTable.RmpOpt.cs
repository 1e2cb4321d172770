using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
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
        return function == RmpOptFunction.VerifyAndReport ? Verify(record, core, slot, address) : default;
    }

    /// <summary>The part that looks at the entries. A method of its own, so that a report keeps its variables in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpOptResult Verify(RmpOptRecord record, RmpOptCore core, uint slot, PhysicalAddress address)
    {
        ulong stamp = record.Begin(address);
        if (!record.IsVerified(address, stamp))
        {
            PageEntry region = LookAtRegion(address.AlignDown(PageSize.Size1G));
            if (region != PageEntry.Passes) return new RmpOptResult(RmpFault.None, carryFlag: false, region == PageEntry.InMotion);
            record.SetVerified(address, stamp);
        }

        core.SetStamp(slot, stamp);
        bool holds = record.IsCurrent(address, stamp);
        return new RmpOptResult(RmpFault.None, holds, isContention: !holds); // an RMPUPDATE came in between
    }

    /// <summary>Whether no entry of a 1 GiB region is assigned, nor locked and so perhaps about to be.</summary>
    private PageEntry LookAtRegion(PhysicalAddress start)
    {
        for (ulong offset = 0; offset < PageSize.Size1G.Bytes(); offset += PageSize.Size2M.Bytes())
        {
            if (!_geometry.TryGetIndex(start + offset, out nuint index)) continue;
            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(_entries.Entries(index, (int)PageSize.Size2M.Pages()));
            if (!AssignedScan.AnyOf(words, RmpEntry.AssignedMask | RmpEntry.LockMask)) continue;
            PageEntry region = LookAtEntries(index);
            if (region != PageEntry.Passes) return region;
        }

        return PageEntry.Passes;
    }

    /// <summary>Tells the entries of a 2 MiB region apart; a lock beside Immutable is one at rest. Each is judged by a single read: what is neither assigned nor held at that moment may be so only by an RMPUPDATE that has yet to look at the stamp.</summary>
    private PageEntry LookAtEntries(nuint index)
    {
        for (nuint i = index; i <= index + LastSubpage; i++)
        {
            ulong low = Volatile.Read(ref _entries.Low(i));
            if (IsInMotion(low)) return PageEntry.InMotion;
            if ((low & RmpEntry.AssignedMask) != 0) return PageEntry.Fails;
        }

        return PageEntry.Passes;
    }

    /// <summary>Ends the skipping of checks around a page. Called under the lock of the entry, when the update can no longer fail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EndOptimization(PhysicalAddress page, bool assigns)
    {
        if (_optimizations is { } record && (assigns || !Choices.RmpOptKeptOnRelease)) record.Clear(page);
    }
}
