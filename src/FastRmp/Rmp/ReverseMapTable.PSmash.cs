using System.Threading;

namespace FastRmp;

/// <content>PSMASH.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>PSMASH: turns a 2 MiB page of the RMP into 512 pages of 4 KiB with the same owner, attributes and consecutive guest addresses.</summary>
    /// <param name="processor">The executing processor.</param>
    /// <param name="page">RAX: the page, 2 MiB aligned.</param>
    /// <returns>SUCCESS, FAIL_INPUT, FAIL_PERMISSION, FAIL_INUSE (contention, or a running guest uses the page), FAIL_BADADDR, #UD or #GP(0). Anything but SUCCESS changed nothing.</returns>
    /// <remarks>Source: AMD64 APM vol. 3, PSMASH. Atomic to every other instruction and check; never waits; allocates nothing. Neither ownership nor the counters by ASID change.</remarks>
    public RmpResult PSmash(in ExecutionState processor, PhysicalAddress page)
    {
        if (!MayExecute(processor)) return Refusal(processor);
        if (!page.IsAligned(PageSize.Size2M) || (!_geometry.TryGetIndex(page, out nuint baseIndex) && IsUncovered())) return RmpResult.Fail(RmpStatus.FailInput);
        ref ulong word = ref _entries.Low(baseIndex);
        ulong low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            const ulong LargeAssigned = RmpEntry.PageSizeMask | RmpEntry.AssignedMask;
            if ((low & LargeAssigned) != LargeAssigned) return RmpResult.Fail(RmpStatus.FailBadAddress);
            if ((low & RmpEntry.ImmutableMask) != 0)
            {
                return RmpResult.Fail(Choices.SmashOfImmutableIsPermission ? RmpStatus.FailPermission : RmpStatus.FailBadAddress);
            }

            if (IsMarked(low) && IsResting(low, page)) return RmpResult.Fail(RmpStatus.FailInUse);
            if ((low & RmpEntry.LockMask) != 0 || IsFrozen(low)) break;
            ulong prior = Interlocked.CompareExchange(ref word, low | RmpEntry.AsidMask, low);
            if (prior == low) return CommitSmash(baseIndex, page, low);
            low = prior;
        }

        return RmpResult.Contended(RmpStatus.FailInUse);
    }

    /// <summary>The base is frozen by us. Every entry stays assigned throughout, so no check sees a hole; the base is published last and makes the region small at once.</summary>
    private RmpResult CommitSmash(nuint baseIndex, PhysicalAddress page, ulong oldLow)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        if (HasUse(page))
        {
            Volatile.Write(ref word, oldLow);
            return RmpResult.Fail(RmpStatus.FailInUse);
        }

        if (!TryLockSubpages(baseIndex, refuseImmutable: false, out _))
        {
            Volatile.Write(ref word, oldLow);
            return RmpResult.Contended(RmpStatus.FailInUse);
        }

        ulong high = _entries.High(baseIndex);
        ulong gpaMask = Processor.GpaMask & RmpEntry.GpaMask; // a sum that leaves the processor's guest addresses wraps, as a stored one does
        ulong small = oldLow & ~(RmpEntry.PageSizeMask | RmpEntry.SubpageCountMask);
        if (Choices.CountLargePageAsOne) AddAssignedPages(new RmpEntry(oldLow, 0).Asid, LastSubpage);
        BeginWrite(baseIndex);
        for (nuint i = 1; i <= LastSubpage; i++)
        {
            ulong gpa = (small + ((ulong)i << PageSize.Size4K.Shift())) & gpaMask;
            Volatile.Write(ref _entries.High(baseIndex + i), high);
            Volatile.Write(ref _entries.Low(baseIndex + i), (small & ~RmpEntry.GpaMask) | gpa);
        }

        Volatile.Write(ref word, small | RmpEntry.SubpageCountMask); // all ones: 511 assigned sub-pages
        return RmpResult.Success;
    }
}
