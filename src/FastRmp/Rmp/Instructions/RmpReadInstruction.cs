using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <summary>RMPREAD.</summary>
internal static class RmpReadInstruction
{
    /// <summary>The instruction on a page that is aligned and covered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static RmpResult Execute(in RmpProtocol rmp, nuint index, PhysicalAddress page, out RmpReadOutput output)
    {
        LowQuadword low = Volatile.Read(ref rmp.Entries.Low(index));
        if (low.IsLocked || low.IsFrozen)
        {
            RmpResult result = ReadHeld(rmp, index, page, out RmpReadOutput held);
            output = held; // not by reference: what a call may write to is kept in memory, in the common case, too
            return result;
        }

        output = Disclosed(index, low);
        return RmpResult.Success;
    }

    /// <summary>RMPREAD of an entry that was locked or frozen when it was looked at. A method of its own, so that the common case needs no
    /// frame.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RmpResult ReadHeld(in RmpProtocol rmp, nuint index, PhysicalAddress page, out RmpReadOutput output)
    {
        ref ulong word = ref rmp.Entries.Low(index);
        for (int attempt = 0; attempt < RmpProtocol.MaxAttempts; attempt++)
        {
            LowQuadword low = Volatile.Read(ref word);
            bool isPlain = !low.IsLocked && !low.IsFrozen;
            if (!isPlain && !TryDisclose(rmp, ref low, index, page)) continue;
            output = Disclosed(index, low);
            return RmpResult.Success;
        }

        output = default;
        return RmpResult.Contended(RmpStatus.FailInUse);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RmpReadOutput Disclosed(nuint index, LowQuadword low)
    {
        // By whole quadwords: field by field, the output would be built in memory. Bits are moved, so that nothing is decided but whether
        // it is a base entry.
        const ulong InRegion = RmpEntry.SubpageCountMask | RmpEntry.PageSizeMask;
        RmpEntry entry = new(low, 0);
        ulong high = ((ulong)entry.Asid << RmpReadOutput.AsidShift)
            | (low & RmpEntry.AssignedMask)
            | ((low & RmpEntry.PageSizeMask) << (RmpReadOutput.PageSizeShift - RmpEntry.PageSizeShift))
            | ((low & RmpEntry.ImmutableMask) << (RmpReadOutput.ImmutableShift - RmpEntry.ImmutableShift));
        if ((index & RmpProtocol.LastSubpage) == 0 && (low & InRegion) != 0) high |= RmpReadOutput.RegionStatusMask;
        return new RmpReadOutput(entry.Gpa.Value, high);
    }

    /// <summary>What RMPREAD shows of a locked entry: a firmware page as it is, a save area in use with its mark or its owner.</summary>
    /// <returns>False if an instruction is changing the entry.</returns>
    private static bool TryDisclose(in RmpProtocol rmp, ref LowQuadword low, nuint index, PhysicalAddress page)
    {
        if (!low.IsMarked) return !low.IsInMotion;
        if (!rmp.Choices.RmpReadShowsOwnerOfVmsa) return rmp.IsResting(index, low, page);

        // The owner is the same with the mark and without; it belongs to the entry that was read if that is unchanged under one
        // version.
        ref ulong version = ref rmp.Version(index);
        ulong begun = Volatile.Read(ref version);
        bool stands = Volatile.Read(ref rmp.Entries.Low(index)) == low;
        uint owner = rmp.InUse.Of(page).Owner;
        if (owner != 0) low = RmpEntry.RestoredLow(low, owner);
        return stands && Volatile.Read(ref version) == begun;
    }
}
