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
        if (!Choices.LockBeforeImmutable) return RmpResult.Fail(RmpStatus.FailPermission);
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            UseStamp uses = InUse.StampRegion(page);
            if (Volatile.Read(ref Entries.Low(index)) != low) break;
            bool isInTheWay = IsInTheWay(index, page, isLarge);
            if (InUse.StampRegion(page) == uses) return RmpResult.Fail(isInTheWay ? RmpStatus.FailInUse : RmpStatus.FailPermission);
        }

        return EntryContended();
    }

    /// <summary>The result for a 4 KiB update in a region that does not consist of 4 KiB pages: by the base entry and the uses of one
    /// moment. Contention if the region is being changed, or has become one of 4 KiB pages.</summary>
    /// <param name="baseWord">The base entry's low quadword.</param>
    /// <param name="page">The page.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal RmpResult NotSmall(ref ulong baseWord, PhysicalAddress page)
    {
        for (int attempt = 0; attempt < MaxAttempts; attempt++)
        {
            UseStamp uses = InUse.Stamp(page);
            LowQuadword baseLow = Volatile.Read(ref baseWord);
            if (baseLow.IsFrozen || IsSmall(baseLow)) break;
            if (InUse.Stamp(page) != uses) continue;
            bool permission = IsFixedByBase(baseLow);
            if (permission && !(uses.IsInUse && Choices.LockBeforeImmutable)) return RmpResult.Fail(RmpStatus.FailPermission);
            return RmpResult.Fail(uses.IsInUse ? RmpStatus.FailInUse : RmpStatus.FailOverlap);
        }

        return RegionContended();
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
