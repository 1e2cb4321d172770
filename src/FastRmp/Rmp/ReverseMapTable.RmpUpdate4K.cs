using System.Threading;
using FastRmp.Layouts;

namespace FastRmp.Rmp;

/// <content>RMPUPDATE of a 4 KiB page.</content>
public sealed partial class ReverseMapTable<TGeometry>
{
    /// <summary>A page that is not the first of its region: its own entry decides, the base entry keeps the count.</summary>
    private RmpResult UpdateSubpage(nuint index, in RmpUpdateOperand operand)
    {
        ref ulong word = ref _entries.Low(index);
        ref ulong baseWord = ref _entries.Low(index & ~LastSubpage);
        ulong low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            // Each refusal is decided by one read: the state had that answer at that moment.
            if (IsHeld(low, out RmpResult refusal)) return refusal;
            if (!IsSmall(Volatile.Read(ref baseWord), out refusal)) return refusal;
            ulong prior = Interlocked.CompareExchange(ref word, low | RmpEntry.LockMask, low);
            if (prior == low) return CommitSubpage(index, low, operand);
            low = prior;
        }

        return Contended();
    }

    /// <summary>The entry is locked by us. A 2 MiB instruction that takes the base from now on meets our lock and backs out; one that has taken it already is seen here.</summary>
    private RmpResult CommitSubpage(nuint index, ulong oldLow, in RmpUpdateOperand operand)
    {
        nuint baseIndex = index & ~LastSubpage;
        ref ulong word = ref _entries.Low(index);
        ref ulong highWord = ref _entries.High(index);
        RmpEntry old = new(oldLow, highWord);
        bool raises = operand.Assigned && !old.Assigned;

        // Count first. If it does not move, the region is held in shape by our own assigned page, or by our lock.
        bool small = raises ? TryRaiseCount(baseIndex, out RmpResult refusal) : IsSmall(Volatile.Read(ref _entries.Low(baseIndex)), out refusal);
        if (!small)
        {
            Volatile.Write(ref word, oldLow);
            return refusal;
        }

        RmpEntry next = Updated(old, operand);
        bool ownerChanges = operand.Assigned != old.Assigned || operand.Asid != old.Asid;
        if (ownerChanges && operand.Assigned) AddAssignedPages(operand.Asid, 1);
        if (old.Assigned && next.High != old.High) BeginWrite(index);
        Volatile.Write(ref highWord, next.High);
        if (old.Assigned && !operand.Assigned)
        {
            // The page is the hypervisor's from the next write on. The lock stays until the count has followed: whoever finds a count that no
            // assigned entry explains finds a locked one instead, and knows that it is contention.
            Volatile.Write(ref word, RmpEntry.LockMask);
            LowerCount(baseIndex);
        }

        Volatile.Write(ref word, next.Low);
        if (ownerChanges && old.Assigned) AddAssignedPages(old.Asid, ulong.MaxValue);
        return RmpResult.Success;
    }

    /// <summary>The first page of a region. The lock keeps everybody from turning the region into a 2 MiB page; the count may move under it.</summary>
    private RmpResult UpdateBase(nuint index, in RmpUpdateOperand operand)
    {
        ref ulong word = ref _entries.Low(index);
        ref ulong highWord = ref _entries.High(index);
        ulong low = Volatile.Read(ref word);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (IsHeld(low, out RmpResult refusal)) return refusal;
            if (IsFrozen(low)) return Contended();
            if (IsLarge(low)) return RmpResult.Fail(RmpStatus.FailOverlap);
            ulong prior = Interlocked.CompareExchange(ref word, low | RmpEntry.LockMask, low);
            if (prior != low)
            {
                low = prior;
                continue;
            }

            RmpEntry old = new(low, highWord);
            RmpEntry next = Updated(old, operand);
            bool ownerChanges = operand.Assigned != old.Assigned || operand.Asid != old.Asid;
            if (ownerChanges && operand.Assigned) AddAssignedPages(operand.Asid, 1);
            if (old.Assigned && next.High != old.High) BeginWrite(index);
            Volatile.Write(ref highWord, next.High);
            PublishBase(index, next.Low);
            if (ownerChanges && old.Assigned) AddAssignedPages(old.Asid, ulong.MaxValue);
            return RmpResult.Success;
        }

        return Contended();
    }

    /// <summary>Raises the count of a region by one, unless it is or becomes a 2 MiB page.</summary>
    private bool TryRaiseCount(nuint baseIndex, out RmpResult refusal)
    {
        ref ulong word = ref _entries.Low(baseIndex);
        ulong seen = Volatile.Read(ref word);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (!IsSmall(seen, out refusal)) return false;
            ulong prior = Interlocked.CompareExchange(ref word, MoveCount(seen, OneSubpage), seen);
            if (prior == seen) return true;
            seen = prior;
        }

        refusal = Contended();
        return false;
    }

    /// <summary>Whether the region consists of 4 KiB pages; else the answer for a 4 KiB update in it.</summary>
    private bool IsSmall(ulong baseLow, out RmpResult refusal)
    {
        if (!IsFrozen(baseLow) && !IsLarge(baseLow))
        {
            refusal = default;
            return true;
        }

        // The base of a 2 MiB page holds the attributes of all its pieces, Immutable among them.
        bool permission = (baseLow & RmpEntry.ImmutableMask) != 0 && !Choices.ImmutableLargePageIsOverlap;
        refusal = IsFrozen(baseLow) ? Contended() : RmpResult.Fail(permission ? RmpStatus.FailPermission : RmpStatus.FailOverlap);
        return false;
    }
}
