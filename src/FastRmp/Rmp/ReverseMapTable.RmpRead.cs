using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>RMPREAD.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>RMPREAD: what the architecture discloses of a page's own entry.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 4 KiB aligned.</param>
    /// <param name="output">The 16 bytes at [RCX]; zero unless SUCCESS.</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, #UD or #GP(0); FAIL_INUSE marked as contention if other processors held the entry each time. Changes nothing.</returns>
    /// <remarks>
    /// <para>Source: AMD64 APM vol. 3, RMPREAD. Of a save area in use the ASID is 0x3FE (<see cref="ModelChoices.RmpReadShowsOwnerOfVmsa"/>). A sub-page of a 2 MiB page shows its own entry, Assigned and little else: read the 2 MiB-aligned page, too, as Linux does.</para>
    /// <para>Any threads. All that is disclosed stands in one quadword: one read of an entry at rest.</para>
    /// </remarks>
    public RmpResult RmpRead(in ExecutionState processor, PhysicalAddress page, out RmpReadOutput output)
    {
        output = default;
        if (!Processor.HasRmpRead) return RmpResult.InvalidOpcode;
        if (!MayExecute(processor)) return Refusal(processor);
        if (!_geometry.TryGetIndex(page, out nuint index)) return IsUncovered() ? RmpResult.Fail(RmpStatus.FailInput) : default;
        if (!page.IsAligned(PageSize.Size4K)) return RmpResult.Fail(RmpStatus.FailInput);
        ulong low = Volatile.Read(ref _entries.Low(index));
        if ((low & RmpEntry.LockMask) != 0 || IsFrozen(low)) return ReadHeld(index, page, out output);
        output = Disclosed(index, low);
        return RmpResult.Success;
    }

    /// <summary>RMPREAD of an entry that was locked or frozen when it was looked at. A method of its own, so that the common case needs no frame.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult ReadHeld(nuint index, PhysicalAddress page, out RmpReadOutput output)
    {
        ref ulong word = ref _entries.Low(index);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            ulong low = Volatile.Read(ref word);
            bool isPlain = (low & RmpEntry.LockMask) == 0 && !IsFrozen(low);
            if (!isPlain && !TryDisclose(ref low, index, page)) continue;
            output = Disclosed(index, low);
            return RmpResult.Success;
        }

        output = default;
        return RmpResult.Contended(RmpStatus.FailInUse);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RmpReadOutput Disclosed(nuint index, ulong low)
    {
        // By whole quadwords: field by field the output would go through memory.
        RmpEntry entry = new(low, 0);
        bool region = (index & LastSubpage) == 0 && (entry.SubpageCount != 0 || IsLarge(low));
        ulong high = ((ulong)entry.Asid << RmpReadOutput.AsidShift)
            | (entry.Assigned ? RmpReadOutput.AssignedMask : 0)
            | ((ulong)entry.PageSize << RmpReadOutput.PageSizeShift)
            | (region ? RmpReadOutput.RegionStatusMask : 0)
            | (entry.Immutable ? RmpReadOutput.ImmutableMask : 0);
        return new RmpReadOutput(entry.Gpa.Value, high);
    }

    /// <summary>What RMPREAD shows of a locked entry: a firmware page as it is, a save area in use with its mark or its owner.</summary>
    /// <returns>False if an instruction is changing the entry.</returns>
    private bool TryDisclose(ref ulong low, nuint index, PhysicalAddress page)
    {
        if (!IsMarked(low)) return !IsInMotion(low);
        if (!Choices.RmpReadShowsOwnerOfVmsa) return IsResting(low, page);

        // The owner is the same with the mark and without; it belongs to the entry that was read if that stands there still, under one version.
        ref ulong version = ref Version(index);
        ulong begun = Volatile.Read(ref version);
        bool stands = Volatile.Read(ref _entries.Low(index)) == low;
        uint owner = _inUse.Of(page).Owner;
        if (owner != 0) low = RmpEntry.RestoredLow(low, owner);
        return stands && Volatile.Read(ref version) == begun;
    }
}
