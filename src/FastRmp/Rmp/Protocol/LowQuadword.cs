using System.Runtime.CompilerServices;

namespace FastRmp;

/// <summary>The low quadword of an entry, with the predicates of the protocol.</summary>
/// <remarks>Converts implicitly from and to <see cref="ulong"/>, because it is read by Volatile and replaced by compare-and-swap, which
/// take that type.</remarks>
internal readonly struct LowQuadword
{
    // A frozen base whose guest address is all ones: in no table but for the time of a 2 MiB instruction.
    private const ulong TakenMask = RmpEntry.AsidMask | RmpEntry.GpaMask;

    private readonly ulong _value;

    /// <summary>A quadword as it was read.</summary>
    /// <param name="value">The quadword.</param>
    internal LowQuadword(ulong value) => _value = value;

    /// <summary>Whether the page is assigned.</summary>
    internal bool IsAssigned => (_value & RmpEntry.AssignedMask) != 0;

    /// <summary>Whether the region of this base entry is one 2 MiB page.</summary>
    internal bool IsLarge => (_value & RmpEntry.PageSizeMask) != 0;

    /// <summary>Whether only firmware may change the entry.</summary>
    internal bool IsImmutable => (_value & RmpEntry.ImmutableMask) != 0;

    /// <summary>Whether Lock is set, for any reason.</summary>
    internal bool IsLocked => (_value & RmpEntry.LockMask) != 0;

    /// <summary>Whether the guest validated the page.</summary>
    internal bool IsValidated => (_value & RmpEntry.ValidatedMask) != 0;

    /// <summary>Whether the page holds a VM save area.</summary>
    internal bool IsVmsa => (_value & RmpEntry.VmsaMask) != 0;

    /// <summary>Whether sub-pages of this base entry's region are assigned.</summary>
    internal bool HasCount => (_value & RmpEntry.SubpageCountMask) != 0;

    /// <summary>Whether the entry is immutable or locked.</summary>
    internal bool IsHeld => (_value & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) != 0;

    /// <summary>Whether Lock is set in a mutable entry: an instruction's lock (rule 1), or the mark of a save area in use.</summary>
    internal bool IsLockedMutable => (_value & (RmpEntry.LockMask | RmpEntry.ImmutableMask)) == RmpEntry.LockMask;

    /// <summary>Whether the ASID is 0x3FF: the lock of a base entry (rule 3), or of a marked one.</summary>
    internal bool IsFrozen => (_value & RmpEntry.AsidMask) == RmpEntry.AsidMask;

    /// <summary>Whether a 2 MiB instruction may be overwriting the sub-entries of this base entry's region (rule 5). A base that is frozen
    /// otherwise, as that of a dump may be, leaves them alone.</summary>
    internal bool IsTaken => (_value & (TakenMask | RmpEntry.LockMask | RmpEntry.ImmutableMask)) == TakenMask;

    /// <summary>Whether the entry is that of a save area in use (rule 8).</summary>
    internal bool IsMarked
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new RmpEntry(_value, 0).IsInUseVmsa;
    }

    /// <summary>Whether a processor holds the entry, so that its content is not final: neither a firmware page at rest nor a save area in
    /// use.</summary>
    internal bool IsInMotion
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsFrozen || (IsLockedMutable && !IsMarked);
    }

    /// <summary>The same entry with Lock.</summary>
    internal ulong Locked => _value | RmpEntry.LockMask;

    /// <summary>The same entry with Lock, and with the holder in place of the guest address (rule 5).</summary>
    /// <param name="holder">See <see cref="LockHolder"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ulong LockedBy(ulong holder) => (_value & ~RmpEntry.GpaMask) | RmpEntry.LockMask | holder;

    /// <summary>The same entry with ASID 0x3FF.</summary>
    internal ulong Frozen => _value | RmpEntry.AsidMask;

    /// <summary>The same base entry frozen by an instruction that may overwrite the sub-entries (rule 5).</summary>
    internal ulong Taken => _value | TakenMask;

    /// <summary>The same entry with Subpage_Count 0.</summary>
    internal ulong WithoutCount => _value & ~RmpEntry.SubpageCountMask;

    /// <summary>The entry of a quadword.</summary>
    /// <param name="value">The quadword.</param>
    public static implicit operator LowQuadword(ulong value) => new(value);

    /// <summary>The quadword.</summary>
    /// <param name="low">The entry's.</param>
    public static implicit operator ulong(LowQuadword low) => low._value;

    /// <summary>The guest's checks but RMP-Covered, which is known, and Page-Size: Guest-Owned, Mutable and Reverse-Map.</summary>
    /// <param name="asid">The guest.</param>
    /// <param name="gpa">The guest physical address of the page.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsGuestPage(uint asid, GuestPhysicalAddress gpa)
    {
        const ulong Compared = RmpEntry.AssignedMask | RmpEntry.ImmutableMask | RmpEntry.AsidMask | RmpEntry.LockMask;
        ulong within = IsLarge ? PageSize.Size2M.OffsetMask() : PageSize.Size4K.OffsetMask(); // two constants
        ulong page = gpa.Value & ~within;
        return (_value & Compared) == (RmpEntry.AssignedMask | ((ulong)asid << RmpEntry.AsidShift))
            && (_value & RmpEntry.GpaMask) == page && asid <= RmpEntry.MaxAsid;
    }
}
