using System;
using System.Runtime.CompilerServices;
using System.Threading;
using FastRmp.Internals;
using FastRmp.Paging;

namespace FastRmp;

/// <content>Walks, whose results are kept.</content>
public sealed partial class TranslationCache<TGeometry>
{
    /// <summary>Walks for a host's access as <see cref="PageWalker.Access{TMemory,TCheck}"/> does, with the RMP check, and keeps what it
    /// found.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures; always the same with one cache.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="address">The address.</param>
    /// <param name="access">What the access does.</param>
    /// <returns>The outcome of the walk, whatever was kept before; <see cref="WalkStatus.Contended"/> if others changed an entry, or
    /// invalidated translations, each time it was made.</returns>
    /// <exception cref="InvalidOperationException">The host is not loaded.</exception>
    /// <remarks>A walk during which a translation is invalidated in the domain, whichever, is made again: so when
    /// <see cref="TlbDomain.Invalidate"/> has returned, no walk that is under way ends with what the tables said before, or with what a
    /// table holds that was given back since.</remarks>
    public WalkResult Access<TMemory>(scoped ref TMemory memory, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        for (int restart = 0; restart <= WalkLimits.MaxRestarts; restart++)
        {
            HostVerdict check = BeginHost();
            LastEntry leaf = default;
            WalkResult result = PageWalk<TMemory, HostVerdict, UpdateEntries<TMemory>, LastEntry>.Run(
                ref memory, _loaded.Host, address, access, ref check, ref leaf);
            if (IsOvertaken) continue;
            if (result.IsMapped) Keep(result, address, access, check.Found, leaf);
            return result;
        }

        return Overtaken();
    }

    /// <summary>The same without setting Accessed or Dirty bits, as <see cref="PageWalker"/>'s Translate. What it keeps is found for
    /// accesses whose bits were then never set.</summary>
    /// <inheritdoc cref="Access{TMemory}"/>
    public WalkResult Translate<TMemory>(scoped ref TMemory memory, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        for (int restart = 0; restart <= WalkLimits.MaxRestarts; restart++)
        {
            HostVerdict check = BeginHost();
            LastEntry leaf = default;
            WalkResult result = PageWalk<TMemory, HostVerdict, LeaveEntries<TMemory>, LastEntry>.Run(
                ref memory, _loaded.Host, address, access, ref check, ref leaf);
            if (IsOvertaken) continue;
            if (result.IsMapped) Keep(result, address, access, check.Found, leaf);
            return result;
        }

        return Overtaken();
    }

    /// <summary>Walks for a guest's access as <see cref="NestedWalker.Access{TMemory,TCheck}"/> does, with the guest's RMP checks, and
    /// keeps what it found.</summary>
    /// <typeparam name="TMemory">The memory that holds the paging structures; always the same with one cache.</typeparam>
    /// <param name="memory">The memory.</param>
    /// <param name="address">The guest virtual address.</param>
    /// <param name="access">What the access does.</param>
    /// <returns>The outcome of the walk, whatever was kept before; <see cref="NestedWalkStatus.Contended"/> if others changed an entry, or
    /// invalidated translations, each time it was made.</returns>
    /// <exception cref="InvalidOperationException">No guest is loaded.</exception>
    /// <remarks>See <see cref="Access{TMemory}"/>.</remarks>
    public NestedWalkResult AccessNested<TMemory>(scoped ref TMemory memory, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IMutablePhysicalMemory, allows ref struct
    {
        for (int restart = 0; restart <= WalkLimits.MaxRestarts; restart++)
        {
            GuestVerdict check = BeginGuest();
            LastEntry leaf = default;
            NestedWalkResult result = NestedWalk<TMemory, GuestVerdict, UpdateEntries<TMemory>, LastEntry>.Run(
                ref memory, _loaded.Nested, address, access, ref check, ref leaf);
            if (IsOvertaken) continue;
            if (result.IsMapped) Keep(result, address, access, check.Found, leaf);
            return result;
        }

        return OvertakenGuest();
    }

    /// <summary>The same without setting Accessed or Dirty bits, as <see cref="NestedWalker"/>'s Translate. What it keeps is found for
    /// accesses whose bits were then never set.</summary>
    /// <inheritdoc cref="AccessNested{TMemory}"/>
    public NestedWalkResult TranslateNested<TMemory>(scoped ref TMemory memory, VirtualAddress address, MemoryAccess access)
        where TMemory : struct, IPhysicalMemory, allows ref struct
    {
        for (int restart = 0; restart <= WalkLimits.MaxRestarts; restart++)
        {
            GuestVerdict check = BeginGuest();
            LastEntry leaf = default;
            NestedWalkResult result = NestedWalk<TMemory, GuestVerdict, LeaveEntries<TMemory>, LastEntry>.Run(
                ref memory, _loaded.Nested, address, access, ref check, ref leaf);
            if (IsOvertaken) continue;
            if (result.IsMapped) Keep(result, address, access, check.Found, leaf);
            return result;
        }

        return OvertakenGuest();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private HostVerdict BeginHost()
    {
        if (_own == Interrupted || _loaded.IsNested) Throw.NotLoaded();
        BeginWalk();
        return new HostVerdict(_table, _stamps);
    }

    private GuestVerdict BeginGuest()
    {
        if (_own == Interrupted || !_loaded.IsNested) Throw.NotLoaded();
        BeginWalk();
        return new GuestVerdict(_table, _stamps, Asid, _loaded.Vmpl, _loaded.Nested.IsSnpGuest);
    }

    /// <summary>Invalidations that have come are done before a walk begins; a walk during which one comes is made again, and what comes
    /// after its last look at the number finds what the walk will have kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void BeginWalk()
    {
        if (IsOvertaken) Catch();
    }

    /// <summary>Whether an invalidation has come that was not done. A walk's reads come before this one: if none has, all that the walk
    /// read was valid, and no table on its way was given back and filled with something else.</summary>
    private bool IsOvertaken
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (_domain is null) return false;
            Volatile.ReadBarrier(); // the memory need not read its entries with acquire semantics
            return _domain.Posted != _seen;
        }
    }

    /// <summary>The outcome where invalidations overtook each walk.</summary>
    private WalkResult Overtaken() => Overtaken(_loaded.Host);

    private NestedWalkResult OvertakenGuest() =>
        new(NestedWalkStatus.Contended, Overtaken(NestedPagingState.GuestOf(_loaded.Nested)), default, 0);

    private static WalkResult Overtaken(in PagingState state) =>
        new(state.Root, 0, WalkStatus.Contended, state.TopLevel, default, default);

    private void Keep(in WalkResult walk, VirtualAddress address, MemoryAccess access, in Verdict verdict, in LastEntry leaf)
    {
        PageSize size = verdict.IsOfOnePage || walk.Size == PageSize.Size4K ? PageSize.Size4K : PageSize.Size2M;
        Keep(walk.Address, walk.Size, size, address, access, verdict, leaf.Host);
    }

    private void Keep(in NestedWalkResult walk, VirtualAddress address, MemoryAccess access, in Verdict verdict, in LastEntry leaf)
    {
        PageSize size = verdict.IsOfOnePage || walk.Size == PageSize.Size4K ? PageSize.Size4K : PageSize.Size2M;
        if (!_loaded.Nested.IsPrivateAlike(walk.Gpa, size)) size = PageSize.Size4K;
        if (!_loaded.Nested.IsPrivateAlike(walk.Gpa, size)) return;
        Keep(walk.Address, walk.GuestSize, size, address, access, verdict, leaf.Guest);
    }

    private void Keep(
        PhysicalAddress target, PageSize pageSize, PageSize size, VirtualAddress address, MemoryAccess access, in Verdict verdict,
        ulong leaf) =>
        Add(address, access, new SecondEntry
        {
            Start = address.Value & ~size.OffsetMask(),
            Frame = target.Value & ~size.OffsetMask(),
            Stamp = verdict.Stamp,
            Key = _key,
            StampNumber = verdict.StampNumber,
            Size = size,
            PageSize = pageSize,
            IsGlobal = _loaded.HasGlobalPages && (leaf & PagingEntry.GlobalMask) != 0,
            IsNested = _loaded.IsNested,
        });

    /// <summary>What was so when the RMP was asked about the page itself.</summary>
    private struct Verdict
    {
        internal ulong Stamp;
        internal uint StampNumber;
        internal bool IsOfOnePage; // running guests use pages of the region: another page's verdict may be another

        /// <summary>Reads the stamp, before the RMP is asked.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Begin(ReverseMapTable<TGeometry>? table, ulong[] stamps, PhysicalAddress page)
        {
            if (table is null) return;
            StampNumber = table.ChangeStampOf(page);
            Stamp = Volatile.Read(ref stamps[StampNumber]);
            ref readonly RmpProtocol protocol = ref table.Protocol;
            IsOfOnePage = protocol.InUse.Any && protocol.InUse.StampRegion(page).IsInUse;
        }
    }

    private struct HostVerdict(ReverseMapTable<TGeometry>? table, ulong[] stamps) : IWalkCheck
    {
        internal Verdict Found;

        private readonly HostRmpCheck<TGeometry> _check = new(table);

        public readonly bool MayUseEntry(PhysicalAddress entry, bool writes) => _check.MayUseEntry(entry, writes);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MayAccess(PhysicalAddress address, PageSize mapping, AccessKind kind)
        {
            Found.Begin(table, stamps, address);
            return _check.MayAccess(address, mapping, kind);
        }
    }

    private struct GuestVerdict(ReverseMapTable<TGeometry>? table, ulong[] stamps, uint asid, byte vmpl, bool isSnpGuest) : INestedWalkCheck
    {
        internal Verdict Found;

        private readonly GuestRmpCheck<TGeometry> _check = new(table, asid, vmpl, isSnpGuest);

        public readonly bool MayUseNestedEntry(PhysicalAddress entry, bool writes) => _check.MayUseNestedEntry(entry, writes);

        public readonly NestedCheckResult CheckGuestEntry(
            GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, bool isPrivate) =>
            _check.CheckGuestEntry(gpa, address, mapping, isPrivate);

        public NestedCheckResult CheckAccess(
            GuestPhysicalAddress gpa, PhysicalAddress address, PageSize mapping, MemoryAccess access, bool isPrivate)
        {
            Found.Begin(table, stamps, address);
            return _check.CheckAccess(gpa, address, mapping, access, isPrivate);
        }
    }

    /// <summary>The leaf: the last entry that a walk read of the host's tables, or of the guest's.</summary>
    private struct LastEntry : ITrace
    {
        internal ulong Host;
        internal ulong Guest;

        public void Add(int level, PhysicalAddress address, ulong entry) => Host = entry;

        public void AddGuest(WalkStage stage, int level, PhysicalAddress address, ulong entry, PhysicalAddress gpa) => Guest = entry;

        public readonly void EnterNested()
        {
            // Host tables only; AddGuest tells the guest's apart.
        }

        public readonly void Restart()
        {
            // The leaf is read again.
        }
    }
}
