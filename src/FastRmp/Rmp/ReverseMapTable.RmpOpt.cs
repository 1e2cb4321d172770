using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace FastRmp;

/// <content>RMPOPT.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    private readonly RmpOptRecord? _optimizations;

    // Whether RMPOPT exists here and no choice looks at its operands.
    private bool _reportsPlainly;

    /// <summary>RMPOPT: lets a core skip the RMP checks of a 1 GiB region in which nothing is assigned, or tells whether it does.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="core">Its core, used with no other table.</param>
    /// <param name="address">RAX: any address in the region; bits [29:0] do not matter.</param>
    /// <param name="function">RCX: verify and report; any other value reports.</param>
    /// <returns>CF, #UD or #GP(0).</returns>
    /// <remarks>
    /// <para>Source: AMD document 69201. Pages that are not covered count as unassigned. An RMPUPDATE that assigns a page of the region ends it on all cores (<see cref="ModelChoices.RmpOptEndsOnRelease"/>).</para>
    /// <para>Any threads, beside any instruction: an entry that another processor is changing makes the verification fail. A verification reads the region's 262,144 entries, or as many as there are up to the first assigned one, unless another core has found the region free since the last RMPUPDATE there.</para>
    /// </remarks>
    public RmpOptResult RmpOpt(in ExecutionState processor, RmpOptCore core, PhysicalAddress address, RmpOptFunction function)
    {
        ArgumentNullException.ThrowIfNull(core);
        RmpOptCore.Window window = core.Current;
        if (_optimizations is not { } record || !_reportsPlainly || !MayExecute(processor) || !window.TryGetSlot(address, out uint slot))
        {
            return Execute(processor, core, address.Value, (ulong)function);
        }

        if (record.IsCurrent(address, window.Stamp(slot))) return new RmpOptResult(RmpFault.None, carryFlag: true);
        return function == RmpOptFunction.VerifyAndReport ? Verify(record, window, slot, address, out _) : default;
    }

    /// <summary>RMPOPT by its registers.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="core">Its core, used with no other table.</param>
    /// <param name="rax">RAX: an address in the region, not modified. Of one above bit 51 the core keeps no bit: CF = 0.</param>
    /// <param name="rcx">RCX: 0 verifies and reports, everything else reports.</param>
    /// <returns>CF, #UD or #GP(0).</returns>
    public RmpOptResult RmpOpt(in ExecutionState processor, RmpOptCore core, ulong rax, ulong rcx) => RmpOpt(processor, core, rax, rcx, out _);

    /// <summary>Everything but the plain case, of which a report has to be quick.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpOptResult Execute(in ExecutionState processor, RmpOptCore core, ulong rax, ulong rcx) => RmpOpt(processor, core, rax, rcx, out _);

    /// <summary>RMPOPT, and what it cost.</summary>
    internal RmpOptResult RmpOpt(in ExecutionState processor, RmpOptCore core, ulong rax, ulong rcx, out uint entriesRead)
    {
        ArgumentNullException.ThrowIfNull(core);
        entriesRead = 0;
        RmpOptCore.Window window = core.Current;
        if (_optimizations is not { } record || processor.Asid != 0 || !window.Register.Enabled || !(_geometry.IsSegmented || Choices.RmpOptOnContiguous))
        {
            return new RmpOptResult(RmpFault.InvalidOpcode, carryFlag: false);
        }

        if (!MayExecute(processor)) return new RmpOptResult(Refusal(processor).Fault, carryFlag: false);
        if (IsMalformed(rax, rcx)) return new RmpOptResult(RmpFault.GeneralProtection, carryFlag: false);
        if (rax > PhysicalAddress.ValidMask || !window.TryGetSlot(PhysicalAddress.Create(rax), out uint slot))
        {
            return new RmpOptResult(Choices.RmpOptOutsideWindowFaults ? RmpFault.GeneralProtection : RmpFault.None, carryFlag: false);
        }

        PhysicalAddress address = PhysicalAddress.Create(rax);
        if (record.IsCurrent(address, window.Stamp(slot))) return new RmpOptResult(RmpFault.None, carryFlag: true);
        return rcx == (ulong)RmpOptFunction.VerifyAndReport ? Verify(record, window, slot, address, out entriesRead) : default;
    }

    private bool IsMalformed(ulong rax, ulong rcx) =>
        (Choices.RmpOptUnalignedFaults && (rax & PageSize.Size1G.OffsetMask()) != 0) || (Choices.RmpOptReservedFunctionFaults && rcx > (ulong)RmpOptFunction.Report);

    /// <summary>The part that looks at the entries. A method of its own, so that a report keeps its variables in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpOptResult Verify(RmpOptRecord record, RmpOptCore.Window window, uint slot, PhysicalAddress address, out uint entriesRead)
    {
        entriesRead = 0;
        ulong stamp = record.Begin(address);
        if (!record.IsVerified(address, stamp))
        {
            PageEntry region = LookAtRegion(address.AlignDown(PageSize.Size1G), out entriesRead);
            if (region != PageEntry.Passes) return new RmpOptResult(RmpFault.None, carryFlag: false, region == PageEntry.InMotion);
            record.SetVerified(address, stamp);
        }

        window.SetStamp(slot, stamp);
        bool holds = record.IsCurrent(address, stamp);
        return new RmpOptResult(RmpFault.None, holds, isContention: !holds); // an RMPUPDATE came in between
    }

    /// <summary>Whether no entry of a 1 GiB region is assigned, nor locked and so perhaps about to be.</summary>
    private PageEntry LookAtRegion(PhysicalAddress start, out uint entriesRead)
    {
        const uint RegionEntries = (uint)LastSubpage + 1;
        entriesRead = 0;
        for (ulong offset = 0; offset < PageSize.Size1G.Bytes(); offset += PageSize.Size2M.Bytes())
        {
            if (!_geometry.TryGetIndex(start + offset, out nuint index))
            {
                if (Choices.RmpOptUncoveredIsAssigned) return PageEntry.Fails;
                continue;
            }

            ReadOnlySpan<ulong> words = MemoryMarshal.Cast<RmpEntry, ulong>(_entries.Entries(index, (int)RegionEntries));
            if (AssignedScan.AnyOf(words, RmpEntry.AssignedMask | RmpEntry.LockMask))
            {
                PageEntry region = LookAtEntries(index, out uint read);
                entriesRead += read;
                if (region != PageEntry.Passes) return region;
            }
            else
            {
                entriesRead += RegionEntries;
            }
        }

        return PageEntry.Passes;
    }

    /// <summary>Tells the entries of a 2 MiB region apart; a lock beside Immutable is one at rest. Each is judged by a single read: what is neither assigned nor held at that moment may be so only by an RMPUPDATE that has yet to look at the stamp.</summary>
    private PageEntry LookAtEntries(nuint index, out uint entriesRead)
    {
        entriesRead = 0;
        for (nuint i = index; i <= index + LastSubpage; i++)
        {
            entriesRead++;
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
        if (_optimizations is { } record && (assigns || Choices.RmpOptEndsOnRelease)) record.Clear(page);
    }
}
