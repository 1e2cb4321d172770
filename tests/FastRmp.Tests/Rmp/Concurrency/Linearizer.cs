using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FastRmp.Reference;

namespace FastRmp.Tests.Rmp.Concurrency;

/// <summary>
/// Looks for an order of calls, one after the other, in which the reference gives the outcomes that the threads saw and ends in the table's
/// state.
/// </summary>
/// <remarks>
/// What needs no place in the order (rmp 5.1, 6.3): a call that reported contention had no effect; a fault, or an entry seen in motion, is
/// spurious while an update of the same region runs on another thread. Each of them without such an update is an error.
/// </remarks>
internal sealed class Linearizer
{
    private const int MaxThreads = 4;
    private const int BitsPerThread = 16;

    private readonly Func<ReferenceRmp> _empty;
    private readonly ulong[] _pages;
    private readonly IReadOnlyList<Step> _prefix;
    private readonly List<(Call Call, bool Alone)>[] _threads = new List<(Call, bool)>[MaxThreads];
    private readonly RmpEntry[] _final;
    private readonly ulong[] _counters;
    private readonly HashSet<(ulong Positions, ulong State)> _dead = [];
    private readonly List<(Call Call, bool Alone)> _order = [];
    private ReferenceRmp _reference;
    private bool _stale;
    private int _deepest;

    /// <summary>Prepares the search.</summary>
    /// <param name="empty">Makes an empty reference.</param>
    /// <param name="table">The table after all calls.</param>
    /// <param name="pages">The pages whose entries distinguish one state from another: those that the steps name, and one that they do
    /// not.</param>
    /// <param name="prefix">What was done before the threads started.</param>
    public Linearizer(Func<ReferenceRmp> empty, ReverseMapTable<ContiguousGeometry> table, ulong[] pages, IReadOnlyList<Step> prefix)
    {
        _empty = empty;
        _pages = pages;
        _prefix = prefix;
        _final = Array.ConvertAll(pages, page => table.Region(PhysicalAddress.Create(page))[(int)(page / 0x1000 % 512)]);
        _counters = new ulong[4];
        for (uint asid = 0; asid < _counters.Length; asid++)
        {
            _counters[asid] = table.AssignedPages(asid);
        }

        for (int i = 0; i < MaxThreads; i++)
        {
            _threads[i] = [];
        }

        _reference = Replay();
    }

    /// <summary>Null if the calls can be explained, else what happened.</summary>
    /// <param name="calls">The calls; those of one thread in the order in which it made them.</param>
    public string? Explain(IReadOnlyList<Call> calls)
    {
        foreach (Call call in calls)
        {
            bool alone = IsAlone(call, calls);
            bool excusable = call.Outcome.IsExcusable(call.Step.Kind);
            if (excusable && !alone) continue;
            if (excusable && call.Step.Kind != StepKind.Access) return Describe("no other update was under way", [call]);
            _threads[call.Thread].Add((call, alone));
        }

        return Search(0) ? null : Describe("no order explains this", calls);
    }

    private static bool IsAlone(Call call, IReadOnlyList<Call> calls)
    {
        foreach (Call other in calls)
        {
            bool sameRegion = other.Step.Page / ModelPair.RegionBytes == call.Step.Page / ModelPair.RegionBytes;
            if (other != call && other.Step.IsMutator && sameRegion && call.Overlaps(other)) return false;
        }

        return true;
    }

    /// <summary>Depth first over the next call of each thread; a state met before at the same positions is not searched twice.</summary>
    private bool Search(ulong positions)
    {
        _deepest = Math.Max(_deepest, _order.Count);
        if (_stale) _reference = Replay();
        (ulong Positions, ulong State) here = (positions, StateKey());
        if (_dead.Contains(here)) return false;
        bool complete = true;
        for (int thread = 0; thread < MaxThreads; thread++)
        {
            if (Position(positions, thread) == _threads[thread].Count) continue;
            complete = false;
            (Call Call, bool Alone) next = _threads[thread][Position(positions, thread)];
            if (!MayComeNext(next.Call, positions)) continue;
            if (_stale) _reference = Replay();
            bool same = next.Call.Step.Explains(_reference, next.Call.Outcome, next.Alone);
            _order.Add(next);
            if (same && Search(positions + (1UL << (thread * BitsPerThread)))) return true;
            _order.RemoveAt(_order.Count - 1);
            _stale = true;
        }

        if (complete && EndsRight()) return true;
        _dead.Add(here);
        return false;
    }

    /// <summary>Nothing that is still to come had ended before the call began.</summary>
    private bool MayComeNext(Call candidate, ulong positions)
    {
        for (int thread = 0; thread < MaxThreads; thread++)
        {
            int position = Position(positions, thread);
            if (position < _threads[thread].Count && _threads[thread][position].Call.End < candidate.Start) return false;
        }

        return true;
    }

    private static int Position(ulong positions, int thread) => (int)(positions >> (thread * BitsPerThread) & 0xFFFF);

    private bool EndsRight()
    {
        for (int i = 0; i < _pages.Length; i++)
        {
            ReferenceEntry entry = _reference.Read(_pages[i]);
            if (entry.ToLow() != _final[i].Low || entry.ToHigh() != _final[i].High) return false;
        }

        for (uint asid = 0; asid < _counters.Length; asid++)
        {
            if ((ulong)_reference.Counter(asid) != _counters[asid]) return false;
        }

        return true;
    }

    private ReferenceRmp Replay()
    {
        ReferenceRmp reference = _empty();
        foreach (Step step in _prefix)
        {
            step.Explains(reference, default, alone: true);
        }

        foreach ((Call call, bool alone) in _order)
        {
            call.Step.Explains(reference, call.Outcome, alone);
        }

        _stale = false;
        return reference;
    }

    private ulong StateKey()
    {
        ulong key = 0;
        foreach (ulong page in _pages)
        {
            ReferenceEntry entry = _reference.Read(page);
            key = (key ^ entry.ToLow()) * 0x9E37_79B9_7F4A_7C15;
            key = (key ^ key >> 29 ^ entry.ToHigh()) * 0xBF58_476D_1CE4_E5B9;
            key = (key ^ key >> 31 ^ (ulong)_reference.InUseCount(page)) * 0x9E37_79B9_7F4A_7C15;
        }

        for (int core = 0; core < 2; core++)
        {
            key = (key ^ key >> 29 ^ (ulong)_reference.OptimisedRegions(core).Count) * 0xBF58_476D_1CE4_E5B9;
        }

        return key;
    }

    private string Describe(string reason, IReadOnlyList<Call> calls)
    {
        StringBuilder text = new(reason);
        text.Append(CultureInfo.InvariantCulture, $"; {_deepest} calls could be put in an order");
        foreach (Step step in _prefix)
        {
            text.Append("\n  before: ").Append(step);
        }

        List<Call> inTime = [.. calls];
        inTime.Sort(static (left, right) => left.Start.CompareTo(right.Start));
        foreach (Call call in inTime)
        {
            text.Append("\n  ").Append(call);
        }

        for (int i = 0; i < _pages.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  after: 0x{_pages[i]:x} 0x{_final[i].Low:x16} 0x{_final[i].High:x}");
        }

        return text.ToString();
    }
}
