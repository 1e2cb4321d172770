using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>RMPUPDATE of a 4 KiB page.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>A page that is not the first of its region: its own entry decides, the base entry keeps the count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RmpResult UpdateSubpage(nuint index, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        ref ulong word = ref _entries.Low(index);
        ref ulong highWord = ref _entries.High(index);
        ref ulong baseWord = ref _entries.Low(index & ~LastSubpage);
        ulong low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // Each refusal is decided by one read: the state had that answer at that moment.
            if (IsHeld(low)) return Held(low, page, isLarge: false);
            ulong baseLow = Volatile.Read(ref baseWord);
            if (!IsSmall(baseLow)) return NotSmall(baseLow, page);
            ulong prior = Interlocked.CompareExchange(ref word, low | RmpEntry.LockMask, low);
            if (prior == low) return CommitSubpage(index, page, ref word, ref highWord, ref baseWord, low, baseLow, wanted);
            low = prior;
        }

        return EntryContended();
    }

    /// <summary>The entry is locked by us. A 2 MiB instruction that takes the base from now on meets our lock and backs out; one that has taken it already is seen here.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="page">The page.</param>
    /// <param name="word">The entry's low quadword.</param>
    /// <param name="highWord">Its high quadword.</param>
    /// <param name="baseWord">The base entry's low quadword.</param>
    /// <param name="oldLow">What its low quadword was.</param>
    /// <param name="baseLow">What the base's was before we had the lock: an expectation for a compare-and-swap, nothing more.</param>
    /// <param name="wanted">The operand.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RmpResult CommitSubpage(nuint index, PhysicalAddress page, ref ulong word, ref ulong highWord, ref ulong baseWord, ulong oldLow, ulong baseLow, RmpUpdateOperand wanted)
    {
        RmpEntry old = new(oldLow, highWord);

        // Count first. If it does not move, the region is held in shape by our own assigned page, or by our lock.
        RmpResult refusal;
        if (HasUse(page))
        {
            refusal = RmpResult.Fail(RmpStatus.FailInUse);
        }
        else if (wanted.Assigned && !old.Assigned)
        {
            refusal = RaiseCount(ref baseWord, baseLow, page);
        }
        else
        {
            baseLow = Volatile.Read(ref baseWord);
            refusal = IsSmall(baseLow) ? RmpResult.Success : NotSmall(baseLow, page);
        }

        if (!refusal.IsSuccess)
        {
            Volatile.Write(ref word, oldLow);
            return refusal;
        }

        RmpEntry next = Updated(old, wanted);
        bool ownerChanges = OwnerChanges(old, wanted);
        EndOptimization(page, wanted.Assigned);
        if (ownerChanges && wanted.Assigned) AddAssignedPages(wanted.Asid, 1);
        if (old.Assigned && next.High != old.High) BeginWrite(index);
        Volatile.Write(ref highWord, next.High);
        if (old.Assigned && !wanted.Assigned)
        {
            // The page is the hypervisor's from the next write on. The lock stays until the count has followed: whoever finds a count that no
            // assigned entry explains finds a locked one instead, and knows that it is contention.
            Volatile.Write(ref word, RmpEntry.LockMask);
            LowerCount(ref baseWord, baseLow);
        }

        Volatile.Write(ref word, next.Low);
        if (ownerChanges && old.Assigned) AddAssignedPages(old.Asid, ulong.MaxValue);
        return RmpResult.Success;
    }

    /// <summary>The first page of a region. The lock keeps everybody from turning the region into a 2 MiB page; the count may move under it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private RmpResult UpdateBase(nuint index, PhysicalAddress page, RmpUpdateOperand wanted)
    {
        ref ulong word = ref _entries.Low(index);
        ref ulong highWord = ref _entries.High(index);
        ulong low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (IsHeld(low)) return Held(low, page, isLarge: false);
            if (IsFrozen(low)) return RegionContended();
            if (IsLarge(low)) return RmpResult.Fail(HasUse(page) ? RmpStatus.FailInUse : RmpStatus.FailOverlap);
            ulong prior = Interlocked.CompareExchange(ref word, low | RmpEntry.LockMask, low);
            if (prior != low)
            {
                low = prior;
                continue;
            }

            RmpEntry old = new(low, highWord);
            if (HasUse(page))
            {
                PublishBase(index, low & ~RmpEntry.SubpageCountMask);
                return RmpResult.Fail(RmpStatus.FailInUse);
            }

            RmpEntry next = Updated(old, wanted);
            bool ownerChanges = OwnerChanges(old, wanted);
            EndOptimization(page, wanted.Assigned);
            if (ownerChanges && wanted.Assigned) AddAssignedPages(wanted.Asid, 1);
            if (old.Assigned && next.High != old.High) BeginWrite(index);
            Volatile.Write(ref highWord, next.High);
            if (!wanted.Assigned && Choices.CountClearedOnRelease) Volatile.Write(ref word, next.Low);
            else PublishBase(index, next.Low);
            if (ownerChanges && old.Assigned) AddAssignedPages(old.Asid, ulong.MaxValue);
            return RmpResult.Success;
        }

        return RegionContended(); // neighbours moved the count each time
    }
}
