using System;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastRmp.Images.Study;

/// <summary>A host's direct map under many policies at once, one 2 MiB region at a time.</summary>
/// <remarks>
/// <para>What decides about a region is the same for all policies: which pages guests own. What differs is one bit a policy: whether the
/// region is split. So the events of a trace are applied once, and only policies that have to change something are looked at: an
/// event costs
/// the same for one policy and for sixty. Memory: 64 bytes of owned pages and about 80 more for each region of 2 MiB, whatever the trace
/// is.</para>
/// <para>Costs of host accesses are kept in the same way: a running sum for each region of what small leaves cost more, which a
/// policy takes
/// off its account when it splits and adds when it joins.</para>
/// </remarks>
internal sealed partial class MapStudy
{
    /// <summary>Most policies in one study.</summary>
    internal const int MaxPolicies = 64;

    /// <summary>Nanoseconds between two ticks.</summary>
    internal const long TickNanoseconds = 100_000_000;

    /// <summary>4 KiB pages of a region.</summary>
    internal const int RegionPages = 1 << RegionShift;

    // 64 TiB, Linux's limit with four levels
    private const ulong MostRegions = 1UL << 25;

    private const int RegionShift = DataTlb.RegionShift;
    private const int WordsOfRegion = RegionPages / 64;
    private const int RangeShift = 9; // regions of 1 GiB
    private const int EntriesOfSplit = RegionPages + 1;
    private const int TicksThatDrain = 3;

    private readonly MapRun[] _runs;
    private readonly StudyCosts _costs;
    private readonly ulong _all;
    private readonly ulong _on4K;
    private readonly ulong _on2M;
    private readonly ulong _onFault;
    private readonly ulong _onHost;
    private readonly ulong _onGuest;
    private readonly ulong _joins;
    private readonly ulong _touches;
    private readonly ulong _unmaps;
    private readonly ulong _zaps;
    private readonly ulong[] _owned;
    private readonly ushort[] _count;
    private readonly RegionFlags[] _flags;
    private readonly ulong[] _split;
    private readonly ulong[] _marked;
    private readonly long[] _emptySince;
    private readonly long[] _lastTouch;
    private readonly ulong[] _giant;
    private readonly ushort[] _splitsOfRange; // a number for each range and policy
    private readonly bool[] _mayBeGiant;
    private readonly bool[] _isGiantAtStart;
    private readonly DataTlb _smallTlb;
    private readonly DataTlb _largeTlb;
    private readonly DataTlb _giantTlb;
    private readonly long[] _smallExtra;
    private readonly int[] _smallWalks;
    private readonly long[] _giantExtra;
    private readonly long[] _giantWalks;
    private readonly long _secondLevel;
    private readonly long _walk;
    private readonly Optimum _optimum;
    private readonly StudyRecorder? _recorder;
    private long _startExtra;
    private long _startWalks;
    private long _largeWalks;
    private long _firstTime = -1;
    private long _nextTick;

    [Flags]
    private enum RegionFlags : byte
    {
        None = 0,
        Whole = 1, // all of it is RAM
        LargeEntry = 2, // one entry of 2 MiB in the RMP
        SmallAtStart = 4,
    }

    /// <summary>Builds the maps as the kernel does at boot.</summary>
    /// <param name="ram">RAM in whole pages, in order, with a hole between any two ranges.</param>
    /// <param name="gigabytePages">Whether the processor has 1 GiB pages.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="costs">What things cost.</param>
    /// <param name="recorder">Who writes down how the maps change; null for nobody.</param>
    internal MapStudy(
        ReadOnlySpan<PhysicalRange> ram, bool gigabytePages, ReadOnlySpan<MapVariant> policies, StudyCosts costs,
        StudyRecorder? recorder = null)
    {
        _recorder = recorder;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(policies.Length, MaxPolicies);
        _costs = costs;
        _runs = new MapRun[policies.Length];
        for (int index = 0; index < _runs.Length; index++)
        {
            _runs[index] = new MapRun(policies[index], index, costs);
        }

        _all = Mask(static _ => true);
        _on4K = Mask(static run => run.Variant.Policy.Splits.HasFlag(MapTriggers.Update4K));
        _on2M = Mask(static run => run.Variant.Policy.Splits.HasFlag(MapTriggers.Update2M));
        _onFault = Mask(static run => run.Variant.Policy.Splits.HasFlag(MapTriggers.Fault));
        _onHost = Mask(static run => run.Variant.Policy.Splits.HasFlag(MapTriggers.HostAllocation));
        _onGuest = Mask(static run => run.Variant.Policy.Splits.HasFlag(MapTriggers.GuestAllocation));
        _joins = Mask(static run => run.Joiner is not null);
        _touches = Mask(static run => run.Joiner is { CountsTouches: true });
        _unmaps = Mask(static run => run.Variant.Policy.Removal == MapRemoval.AtUpdate);
        _zaps = Mask(static run => run.Variant.Policy.Removal == MapRemoval.AtGuestFault);
        Ticking = Array.FindAll(_runs, static run => run.Joiner is { HasTicks: true });
        Regions = checked((int)(((ram[^1].End >> PageSize.Size4K.Shift()) + RegionPages - 1) >> RegionShift));
        int ranges = (Regions + (1 << RangeShift) - 1) >> RangeShift;
        _owned = new ulong[(long)Regions * WordsOfRegion];
        _count = new ushort[Regions];
        _flags = new RegionFlags[Regions];
        _split = new ulong[Regions];
        _marked = new ulong[Regions];
        _emptySince = new long[Regions];
        _lastTouch = new long[Regions];
        _smallExtra = new long[Regions];
        _smallWalks = new int[Regions];
        _giant = new ulong[ranges];
        _giantExtra = new long[ranges];
        _giantWalks = new long[ranges];
        _mayBeGiant = new bool[ranges];
        _isGiantAtStart = new bool[ranges];
        _splitsOfRange = new ushort[ranges * _runs.Length];
        _smallTlb = new DataTlb(costs.Tlb, DataTlb.CoalescedShift, DataTlb.CoalescedShift);
        _largeTlb = new DataTlb(costs.Tlb, RegionShift, RegionShift);
        _giantTlb = new DataTlb(costs.Tlb, RegionShift + RangeShift, RegionShift);
        _secondLevel = Optimum.Picoseconds(costs.SecondLevel);
        _walk = Optimum.Picoseconds(costs.Walk);
        _optimum = new Optimum(Regions, ranges, costs);
        MapAtBoot(ram, gigabytePages);
    }

    /// <summary>Refuses RAM for which there is no room.</summary>
    /// <exception cref="MalformedInputException">It ends above 64 TiB.</exception>
    internal static void RequireRoom(ReadOnlySpan<PhysicalRange> ram, string name)
    {
        if (ram[^1].End > MostRegions << PageSize.Size2M.Shift()) throw ReplayHost.NoRoom(ram[^1].End, name);
    }

    /// <summary>How many regions of 2 MiB there are up to the end of RAM.</summary>
    internal int Regions { get; }

    /// <summary>The time of the present event in nanoseconds.</summary>
    internal long Now { get; private set; }

    /// <summary>4 KiB pages that guests own.</summary>
    internal long OwnedPages { get; private set; }

    /// <summary>The most 4 KiB pages that guests owned at once.</summary>
    internal long OwnedPeak { get; private set; }

    /// <summary>The policies.</summary>
    internal ReadOnlySpan<MapRun> Runs => _runs;

    /// <summary>Walks of host accesses through the map of the start, beyond those through a map of 2 MiB leaves.</summary>
    internal long StartWalks => _startWalks;

    private MapRun[] Ticking { get; }

    /// <summary>When the region last became free of guests.</summary>
    internal long EmptySince(int region) => _emptySince[region];

    /// <summary>When the region was last allocated, released, written, read or updated.</summary>
    internal long LastTouch(int region) => _lastTouch[region];

    /// <summary>Whether a policy has the region split, though nothing asks for it any more.</summary>
    internal bool IsJoinable(MapRun run, int region) =>
        _count[region] == 0 && (_split[region] & run.Bit) != 0 && (_flags[region] & RegionFlags.Whole) != 0;

    /// <summary>Whether a policy has the region split.</summary>
    internal bool IsSplit(MapRun run, int region) => (_split[region] & run.Bit) != 0;

    /// <summary>Whether the split before an RMPUPDATE marked a page of the region KERNEL_4K.</summary>
    internal bool IsMarked(MapRun run, int region) => (_marked[region] & run.Bit) != 0;

    /// <summary>Whether a guest owns a page.</summary>
    internal bool IsOwned(ulong frame) => (_owned[frame >> 6] >> (int)(frame & 63) & 1) != 0;

    /// <summary>The first page from a page on that a guest owns, or that none owns; the end if there is none.</summary>
    internal ulong Next(ulong frame, ulong end, bool owned)
    {
        while (frame < end)
        {
            ulong word = _owned[frame >> 6];
            ulong wanted = (owned ? word : ~word) >> (int)(frame & 63);
            if (wanted != 0) return Math.Min(frame + (ulong)BitOperations.TrailingZeroCount(wanted), end);
            frame = (frame | 63) + 1;
        }

        return end;
    }

    /// <summary>Whether a guest owns any page of the region.</summary>
    internal bool IsOwnedAny(int region) => _count[region] != 0;

    /// <summary>Whether all of the region is RAM.</summary>
    internal bool IsWhole(int region) => (_flags[region] & RegionFlags.Whole) != 0;

    /// <summary>Whether the region is one entry of 2 MiB.</summary>
    internal bool HasLargeEntry(int region) => (_flags[region] & RegionFlags.LargeEntry) != 0;

    /// <summary>Goes on to a time; an earlier one is now.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void At(long nanoseconds)
    {
        if (nanoseconds >= _nextTick || _recorder is not null) Pass(nanoseconds);
        else if (nanoseconds > Now) Now = nanoseconds;
    }

    private void Pass(long nanoseconds)
    {
        if (_firstTime < 0)
        {
            _firstTime = nanoseconds;
            Now = nanoseconds;
            _nextTick = nanoseconds + TickNanoseconds;
            foreach (MapRun run in _runs)
            {
                run.StartAt(nanoseconds);
            }

            _recorder?.Start(this);
        }

        if (nanoseconds <= Now) return;
        for (int ticks = 0; nanoseconds >= _nextTick; ticks++)
        {
            if (ticks == TicksThatDrain)
            {
                // nothing waits any more
                _nextTick += (nanoseconds - _nextTick) / TickNanoseconds * TickNanoseconds;
                if (_nextTick <= nanoseconds) _nextTick += TickNanoseconds;
                break;
            }

            _recorder?.Until(this, _nextTick);
            Now = _nextTick;
            foreach (MapRun run in Ticking)
            {
                run.Joiner!.Tick(this, run);
            }

            _nextTick += TickNanoseconds;
        }

        _recorder?.Until(this, nanoseconds);
        Now = nanoseconds;
    }

    /// <summary>Before an RMPUPDATE, which may fail: splits as policies say.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void BeforeUpdate(int region, PageSize size)
    {
        ulong mask = (size == PageSize.Size4K ? _on4K : _on2M) & ~_split[region];
        if (mask != 0) SplitAll(mask, region, isForUpdate: true);
    }

    /// <summary>The allocator gave a guest pages of one region, which will be small entries.</summary>
    internal void GuestAllocation(int region)
    {
        _lastTouch[region] = Now;
        ulong mask = _onGuest & ~_split[region];
        if (mask != 0) SplitAll(mask, region, isForUpdate: false);
    }

    /// <summary>RMPUPDATEs of pages of one region took effect.</summary>
    internal void Update(ulong frame, ulong pages, PageSize size, bool assigned)
    {
        int region = (int)(frame >> RegionShift);
        BeforeUpdate(region, size);
        int changed = SetOwned(frame, pages, assigned);
        _lastTouch[region] = Now;
        if (size == PageSize.Size2M && assigned) _flags[region] |= RegionFlags.LargeEntry;
        else _flags[region] &= ~RegionFlags.LargeEntry;
        if ((_unmaps | _zaps) != 0 && changed != 0) Remove(region, changed, size, assigned);
        if (assigned || _count[region] != 0) return;
        if (changed != 0) _emptySince[region] = Now;
        if ((_flags[region] & RegionFlags.Whole) == 0) return;
        for (ulong mask = _split[region] & _joins; mask != 0; mask &= mask - 1)
        {
            MapRun run = _runs[BitOperations.TrailingZeroCount(mask)];
            run.Joiner!.Emptied(this, run, region);
        }
    }

    /// <summary>PSMASH took effect.</summary>
    internal void Smash(int region)
    {
        _flags[region] &= ~RegionFlags.LargeEntry;
        _lastTouch[region] = Now;
    }

    /// <summary>PAGE_UNSMASH took effect.</summary>
    internal void Unsmash(int region)
    {
        _flags[region] |= RegionFlags.LargeEntry;
        _lastTouch[region] = Now;
    }

    /// <summary>The host writes pages of one region, once each.</summary>
    /// <param name="frame">The first.</param>
    /// <param name="pages">How many.</param>
    /// <param name="isAllocation">Whether the allocator gives them to the host in the same moment.</param>
    internal void Write(ulong frame, ulong pages, bool isAllocation)
    {
        int region = (int)(frame >> RegionShift);
        _lastTouch[region] = Now;
        int owned = _count[region] == 0 ? 0 : CountOwned(frame, pages);
        bool needsSmall = _count[region] != 0 && owned != (int)pages && IsWhole(region);
        if (owned != 0) Fail(_all, owned);
        if (needsSmall && (_all & ~_split[region]) != 0) WriteBesideGuest(region, (int)pages - owned, isAllocation);
        Access(frame, pages, region, needsSmall);
    }

    /// <summary>The host reads pages of one region, once each: nothing refuses that, it costs what its translations cost.</summary>
    internal void Read(ulong frame, ulong pages)
    {
        int region = (int)(frame >> RegionShift);
        _lastTouch[region] = Now;
        Access(frame, pages, region, needsSmall: false);
    }

    /// <summary>Joins a region, and the 1 GiB around it if that was the last; the flush is the caller's, or the next one.</summary>
    internal void Join(MapRun run, int region)
    {
        int range = region >> RangeShift;
        _recorder?.Joined(run.Index, region, Now);
        _split[region] &= ~run.Bit;
        _marked[region] &= ~run.Bit;
        run.ExtraPicoseconds += _smallExtra[region];
        run.ExtraWalks += _smallWalks[region];
        run.Joins2M++;
        run.Riding++;
        run.EntriesWritten++;
        run.Leaves2M++;
        run.Leaves4K -= RegionPages;
        if (--_splitsOfRange[(range * _runs.Length) + run.Index] != 0 || !_mayBeGiant[range]) return;
        _giant[range] |= run.Bit;
        run.ExtraPicoseconds -= _giantExtra[range];
        run.ExtraWalks -= _giantWalks[range];
        run.Joins1G++;
        run.Riding++;
        run.EntriesWritten++;
        run.Leaves1G++;
        run.Leaves2M -= RegionPages;
    }

    /// <summary>A flush of everything on all processors, after which the tables of what was joined are free.</summary>
    internal void Flush(MapRun run)
    {
        run.GlobalFlushes++;
        if (run.Riding == 0) return;
        run.ChangeTables(Now, -run.Riding);
        run.Riding = 0;
    }

    private void Access(ulong frame, ulong pages, int region, bool needsSmall)
    {
        long extra = Touch(frame, (int)pages, region, needsSmall);
        if (_count[region] != 0 || !IsWhole(region)) return;
        for (ulong mask = _split[region] & _touches; mask != 0; mask &= mask - 1)
        {
            MapRun run = _runs[BitOperations.TrailingZeroCount(mask)];
            run.Joiner!.HostTouched(this, run, region, extra);
        }
    }

    private ulong Mask(Predicate<MapRun> has)
    {
        ulong mask = 0;
        foreach (MapRun run in _runs)
        {
            if (has(run)) mask |= run.Bit;
        }

        return mask;
    }

    private void MapAtBoot(ReadOnlySpan<PhysicalRange> ram, bool gigabytePages)
    {
        long small = 0;
        long large = 0;
        long giant = 0;
        Array.Fill(_split, ulong.MaxValue);
        foreach (PhysicalRange range in ram)
        {
            ulong first = range.Start.Value >> PageSize.Size4K.Shift();
            ulong end = range.End >> PageSize.Size4K.Shift();
            ulong wholeFirst = (first + RegionPages - 1) >> RegionShift;
            ulong wholeEnd = end >> RegionShift;
            if (wholeFirst >= wholeEnd)
            {
                small += (long)(end - first);
                continue;
            }

            small += (long)((wholeFirst << RegionShift) - first + end - (wholeEnd << RegionShift));
            for (ulong region = wholeFirst; region < wholeEnd; region++)
            {
                _flags[region] |= RegionFlags.Whole;
                _split[region] = ~_all;
            }

            ulong giantFirst = (wholeFirst + (1 << RangeShift) - 1) >> RangeShift;
            ulong giantEnd = wholeEnd >> RangeShift;
            ulong giants = gigabytePages && giantFirst < giantEnd ? giantEnd - giantFirst : 0;
            for (ulong one = giantFirst; one < giantFirst + giants; one++)
            {
                _giant[one] = _all;
                _mayBeGiant[one] = true;
                _isGiantAtStart[one] = true;
                _optimum.StartAsOne((int)one);
            }

            giant += (long)giants;
            large += (long)(wholeEnd - wholeFirst - (giants << RangeShift));
        }

        foreach (MapRun run in _runs)
        {
            (run.Leaves4K, run.Leaves2M, run.Leaves1G, run.Peak4K) = (small, large, giant, small);
        }
    }

    /// <summary>The kernel had mapped a region by 4 KiB when the trace began.</summary>
    internal void StartSmall(int region)
    {
        if ((_flags[region] & RegionFlags.Whole) == 0 || (_flags[region] & RegionFlags.SmallAtStart) != 0) return;
        _flags[region] |= RegionFlags.SmallAtStart;
        int range = region >> RangeShift;
        bool splitsGiant = _giant[range] != 0;
        _giant[range] = 0;
        _isGiantAtStart[range] = false;
        _optimum.StartAsOne(range, false);
        _split[region] = ulong.MaxValue;
        _optimum.StartSmall(region);
        foreach (MapRun run in _runs)
        {
            run.Leaves2M += (splitsGiant ? RegionPages : 0) - 1;
            run.Leaves1G -= splitsGiant ? 1 : 0;
            run.Leaves4K += RegionPages;
            run.Peak4K = Math.Max(run.Peak4K, run.Leaves4K);
            _splitsOfRange[(range * _runs.Length) + run.Index]++;
        }
    }

    private void SplitAll(ulong mask, int region, bool isForUpdate)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            Split(_runs[BitOperations.TrailingZeroCount(mask)], region, isForUpdate);
        }
    }

    private void Split(MapRun run, int region, bool isForUpdate)
    {
        int range = region >> RangeShift;
        if ((_giant[range] & run.Bit) != 0) SplitGiant(run, range, hasFlush: !run.Variant.Policy.MergesFlushes);
        _recorder?.Split(run.Index, region, Now);
        _split[region] |= run.Bit;
        _splitsOfRange[(range * _runs.Length) + run.Index]++;
        run.ExtraPicoseconds -= _smallExtra[region];
        run.ExtraWalks -= _smallWalks[region];
        run.Splits2M++;
        run.EntriesWritten += EntriesOfSplit;
        run.Leaves2M--;
        run.Leaves4K += RegionPages;
        run.Peak4K = Math.Max(run.Peak4K, run.Leaves4K);
        run.ChangeTables(Now, 1);
        Flush(run);
        if (!isForUpdate) return;
        _marked[region] |= run.Bit; // KERNEL_4K in the entry of the page
        run.EntriesWritten++;
        run.RangedFlushes++;
    }

    private void SplitGiant(MapRun run, int range, bool hasFlush)
    {
        _giant[range] &= ~run.Bit;
        run.ExtraPicoseconds += _giantExtra[range];
        run.ExtraWalks += _giantWalks[range];
        run.Splits1G++;
        run.EntriesWritten += EntriesOfSplit;
        run.Leaves1G--;
        run.Leaves2M += RegionPages;
        run.ChangeTables(Now, 1);
        if (hasFlush) Flush(run);
    }

    private void WriteBesideGuest(int region, int pages, bool isAllocation)
    {
        if (isAllocation)
        {
            for (ulong mask = _onHost & ~_split[region]; mask != 0; mask &= mask - 1)
            {
                MapRun run = _runs[BitOperations.TrailingZeroCount(mask)];
                run.AdvisedBlocks++;
                Split(run, region, isForUpdate: false);
            }
        }

        for (ulong mask = _onFault & ~_split[region]; mask != 0; mask &= mask - 1)
        {
            MapRun run = _runs[BitOperations.TrailingZeroCount(mask)];
            run.Violations++;
            run.Handled++;
            Split(run, region, isForUpdate: false);
        }

        Fail(_all & ~_split[region], pages);
    }

    private void Fail(ulong mask, int pages)
    {
        for (; mask != 0; mask &= mask - 1)
        {
            MapRun run = _runs[BitOperations.TrailingZeroCount(mask)];
            run.Violations += pages;
            run.Fatal += pages;
        }
    }

    /// <summary>Pages of guests leave the map, or come back.</summary>
    private void Remove(int region, int pages, PageSize size, bool assigned)
    {
        int range = region >> RangeShift;
        for (ulong mask = _unmaps | _zaps; mask != 0; mask &= mask - 1)
        {
            MapRun run = _runs[BitOperations.TrailingZeroCount(mask)];

            // one leaf of 2 MiB changes in place; one of 1 GiB does not lie in the page
            bool isOneLeaf = size == PageSize.Size2M && (_split[region] & run.Bit) == 0;
            if (isOneLeaf && (_giant[range] & run.Bit) != 0) SplitGiant(run, range, hasFlush: true);
            run.EntriesWritten += isOneLeaf ? 1 : pages;
            if (assigned && (_zaps & run.Bit) != 0) run.RangedFlushes += size == PageSize.Size2M ? 1 : pages;
        }
    }

    private int SetOwned(ulong frame, ulong pages, bool assigned)
    {
        int region = (int)(frame >> RegionShift);
        int changed = pages == 1 ? Set(frame, assigned) : Set(frame, pages, assigned);
        if (changed == 0) return 0;
        int delta = assigned ? changed : -changed;
        _recorder?.Owned(region, delta, Now);
        _count[region] = (ushort)(_count[region] + delta);
        OwnedPages += delta;
        OwnedPeak = Math.Max(OwnedPeak, OwnedPages);
        return changed;
    }

    private int Set(ulong frame, bool assigned)
    {
        ref ulong word = ref _owned[frame >> 6];
        ulong mask = 1UL << (int)(frame & 63);
        if ((word & mask) != 0 == assigned) return 0;
        word ^= mask;
        return 1;
    }

    private int Set(ulong frame, ulong pages, bool assigned)
    {
        int changed = 0;
        for (ulong position = frame; position < frame + pages;)
        {
            int bit = (int)(position & 63);
            int bits = (int)Math.Min(64 - (ulong)bit, frame + pages - position);
            ulong mask = (bits == 64 ? ulong.MaxValue : (1UL << bits) - 1) << bit;
            ref ulong word = ref _owned[position >> 6];
            ulong now = assigned ? word | mask : word & ~mask;
            changed += BitOperations.PopCount(word ^ now);
            word = now;
            position += (ulong)bits;
        }

        return changed;
    }

    private int CountOwned(ulong frame, ulong pages)
    {
        int count = 0;
        for (ulong position = frame; position < frame + pages; position++)
        {
            if (IsOwned(position)) count++;
        }

        return count;
    }

    /// <summary>Translates pages that the host touches, by maps of small, large and 1 GiB leaves.</summary>
    /// <returns>What small leaves cost more than large ones, in picoseconds.</returns>
    private long Touch(ulong frame, int pages, int region, bool needsSmall)
    {
        int range = region >> RangeShift;
        long small = 0;
        long large = 0;
        long giant = 0;
        int smallWalks = 0;
        int largeWalks = 0;
        int giantWalks = 0;
        for (ulong page = frame; page < frame + (ulong)pages; page++)
        {
            Add(_smallTlb.Access(page), ref small, ref smallWalks);
            Add(_largeTlb.Access(page), ref large, ref largeWalks);
            if (_mayBeGiant[range]) Add(_giantTlb.Access(page), ref giant, ref giantWalks);
        }

        _largeWalks += largeWalks;
        if ((_flags[region] & RegionFlags.Whole) == 0)
        {
            _largeWalks += smallWalks - largeWalks;
            return 0; // small in every map
        }

        bool isGiantAtStart = _isGiantAtStart[range];
        bool isSmallAtStart = (_flags[region] & RegionFlags.SmallAtStart) != 0;
        long start = isSmallAtStart ? small : isGiantAtStart ? giant : large;
        _startExtra += start - large;
        _startWalks += (isSmallAtStart ? smallWalks : isGiantAtStart ? giantWalks : largeWalks) - largeWalks;
        _smallExtra[region] += small - large;
        _smallWalks[region] += smallWalks - largeWalks;
        if (_mayBeGiant[range])
        {
            _giantExtra[range] += giant - large;
            _giantWalks[range] += giantWalks - largeWalks;
        }

        _recorder?.Accessed(_split[region] & _all, _giant[range], smallWalks - largeWalks, giantWalks - largeWalks);
        if (_mayBeGiant[range])
        {
            if (needsSmall) _optimum.NeedsTable(range, region);
            else _optimum.SavedByOne(range, large - giant);
        }

        _optimum.Access(region, large - start, small - start, needsSmall);
        return small - large;
    }

    private void Add(int outcome, ref long picoseconds, ref int walks)
    {
        if (outcome == 0) return;
        picoseconds += _secondLevel + ((outcome - 1) * _walk);
        if (outcome > 1) walks++;
    }
}
