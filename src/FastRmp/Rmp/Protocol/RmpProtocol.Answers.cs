using System.Runtime.CompilerServices;
using System.Threading;

namespace FastRmp;

/// <content>The results of the host's instructions where an entry or a region is not available.</content>
internal readonly partial struct RmpProtocol
{
    /// <summary>The result for an entry that is immutable or locked, or marked as a save area in use.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal RmpResult Held(nuint index, LowQuadword low, PhysicalAddress page, bool isLarge)
    {
        if (!isLarge && !Choices.LockBeforeImmutable && IsFixedByBase(Volatile.Read(ref Entries.Low(index & ~LastSubpage))))
        {
            return RmpResult.Fail(RmpStatus.FailPermission);
        }

        if (low.IsMarked) return IsResting(index, low, page) ? RmpResult.Fail(RmpStatus.FailInUse) : EntryContended();
        ulong held = low & (RmpEntry.LockMask | RmpEntry.ImmutableMask);
        bool contended = held == RmpEntry.LockMask || (Choices.LockBeforeImmutable && held != RmpEntry.ImmutableMask);
        if (contended) return EntryContended();
        return RmpResult.Fail(Choices.LockBeforeImmutable && IsInTheWay(index, page, isLarge)
            ? RmpStatus.FailInUse
            : RmpStatus.FailPermission);
    }

    /// <summary>The result for a 4 KiB update in a region that does not consist of 4 KiB pages.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal RmpResult NotSmall(LowQuadword baseLow, PhysicalAddress page)
    {
        if (baseLow.IsFrozen) return RegionContended();
        bool inUse = HasUse(page);
        bool permission = IsFixedByBase(baseLow);
        if (permission && !(inUse && Choices.LockBeforeImmutable)) return RmpResult.Fail(RmpStatus.FailPermission);
        return RmpResult.Fail(inUse ? RmpStatus.FailInUse : RmpStatus.FailOverlap);
    }

    /// <summary>Whether the base entry forbids 4 KiB updates in its region: step 5, before locks and uses of the page are tested. The
    /// base of a 2 MiB page holds the attributes of the whole page, including Immutable; that of a region of 4 KiB pages applies to the
    /// other pages only by choice (<see cref="ModelChoices.ImmutableBaseBlocksRegion"/>).</summary>
    private bool IsFixedByBase(LowQuadword baseLow) =>
        baseLow.IsImmutable && (baseLow.IsLarge ? !Choices.ImmutableLargePageIsOverlap : Choices.ImmutableBaseBlocksRegion);

    /// <summary>Another processor is changing the entry.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal RmpResult EntryContended() => RmpResult.Contended(
        Choices.Contention == ContentionCode.FailOverlap ? RmpStatus.FailOverlap : RmpStatus.FailInUse);

    /// <summary>Another processor has locked the region, to change it or another page of it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal RmpResult RegionContended() => RmpResult.Contended(
        Choices.Contention == ContentionCode.FailInUse ? RmpStatus.FailInUse : RmpStatus.FailOverlap);
}
