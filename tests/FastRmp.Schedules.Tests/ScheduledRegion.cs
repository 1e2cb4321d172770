using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastRmp.Reference;
using FastRmp.Tests.Firmware;
using FastRmp.Tests.Rmp.Concurrency;
using Xunit;

namespace FastRmp.Schedules.Tests;

/// <summary>
/// One region of which the base, its neighbour and the last page are contended, and every schedule of a few steps on it.
/// </summary>
internal sealed class ScheduledRegion : IDisposable
{
    public const ulong First = 0x1000;
    public const ulong Last = 0x1F_F000;

    private const int Limit = 2_000_000;

    private static readonly ulong[] Pages = [0, First, Last, 0x2000];

    private readonly bool _hasGuest;
    private readonly bool _hasOwnCounters;
    private readonly Rules _rules;
    private readonly PinnedMemory _storage;
    private ReverseMapTable<ContiguousGeometry> _table;
    private RmpOptCore[] _cores = [];
    private readonly Scheduler _scheduler;
    private ulong _clock;

    public ScheduledRegion(
        int threads, ContentionCode code = ContentionCode.FailInUse, bool hasGuest = false, bool backwards = false,
        bool hasOwnCounters = false)
    {
        _hasGuest = hasGuest;
        _hasOwnCounters = hasOwnCounters;
        _rules = new Rules(code, hasGuest ? CommandStep.Geometry : null);
        _storage = PinnedMemory.Allocate((_rules.Table.StorageBytes + 0xFFF) & ~0xFFFUL);
        _table = MakeTable();
        _scheduler = new Scheduler(threads, Origin(), HotWords()) { Backwards = backwards };
    }

    /// <summary>Runs the programs under every schedule within the bound; each outcome needs a sequential explanation.</summary>
    public int Explore(int switches, IReadOnlyList<Step> prefix, params Step[][] programs) =>
        Run(prefix, programs, (actions, before, after) => _scheduler.Explore(actions, switches, Limit, before, after));

    /// <summary>Runs the programs under given schedules; each outcome needs a sequential explanation.</summary>
    public int Follow(IEnumerable<Scheduler.Turn[]> schedules, IReadOnlyList<Step> prefix, params Step[][] programs) =>
        Run(prefix, programs, (actions, before, after) => _scheduler.Follow(actions, schedules, before, after));

    /// <summary>How two steps may end under every schedule within the bound: their results and the contended entries, as the model in
    /// tests/model writes them.</summary>
    public HashSet<string> Outcomes(int switches, IReadOnlyList<Step> prefix, Step first, Step second)
    {
        HashSet<(string, string, int, int, int)> outcomes = [];
        Call[] calls = [];
        _ = _scheduler.Explore(
            [() => Perform(calls[..1]), () => Perform(calls[1..])],
            switches,
            Limit,
            () =>
            {
                Reset(prefix);
                calls = [new Call(0, first), new Call(1, second)];
            },
            () => outcomes.Add((Named(calls[0]), Named(calls[1]), ModelWord(0), ModelWord(First), ModelWord(Last))));
        return [.. outcomes.Select(static outcome =>
            $"{outcome.Item1}|{outcome.Item2}|0x{outcome.Item3:x2} 0x{outcome.Item4:x2} 0x{outcome.Item5:x2}")];
    }

    private static string Named(Call call) => call.Outcome.Result switch
    {
        { IsContention: true } => "contended",
        { IsSuccess: true } => "success",
        { Status: RmpStatus.FailOverlap } => "overlap",
        { Status: RmpStatus.FailBadAddress } => "badaddr",
        var other => other.ToString(),
    };

    /// <summary>An entry as a word of the model, which has two sub-entries: after PSMASH the others are counted, too.</summary>
    private int ModelWord(ulong page)
    {
        const int OtherSubpages = 509;
        RmpEntry entry = _table.Region(default)[(int)(page / 0x1000)];
        int count = (int)entry.SubpageCount;
        if (count >= OtherSubpages) count -= OtherSubpages;
        return (entry.Assigned ? 1 : 0) | (entry.PageSize == PageSize.Size2M ? 2 : 0) | count << 2 | (entry.Lock ? 0x10 : 0)
            | (int)entry.Asid << 6;
    }

    private int Run(IReadOnlyList<Step> prefix, Step[][] programs, Func<Action[], Action, Action, int> run)
    {
        List<Call> calls = [];
        Action[] actions = new Action[programs.Length];
        HashSet<UInt128> explained = [];
        Call[][] own = new Call[programs.Length][];
        for (int i = 0; i < programs.Length; i++)
        {
            int number = i;
            actions[i] = () => Perform(own[number]);
        }

        return run(
            actions,
            () =>
            {
                Reset(prefix);
                calls.Clear();
                for (int i = 0; i < programs.Length; i++)
                {
                    int number = i;
                    own[i] = Array.ConvertAll(programs[i], step => new Call(number, step));
                    calls.AddRange(own[i]);
                }
            },
            () =>
            {
                if (!explained.Add(Fingerprint(calls))) return;
                string? complaint = new Linearizer(MakeReference, _table, Pages, prefix).Explain(calls);
                if (complaint is not null) Assert.Fail(complaint);
            });
    }

    public void Dispose()
    {
        _scheduler.Dispose();
        _table.Dispose();
        _storage.Dispose();
    }

    private void Perform(Call[] calls)
    {
        foreach (Call call in calls)
        {
            call.Start = (long)++_clock;
            call.Outcome = call.Step.Execute(_table, _cores);
            call.End = (long)++_clock;
        }
    }

    private ReverseMapTable<ContiguousGeometry> MakeTable() =>
        new(_rules.Table, _storage, ownsStorage: false, Rules.Processor, _rules.Choices, isAlone: _hasOwnCounters);

    private ReferenceRmp MakeReference()
    {
        ReferenceRmp reference = _rules.MakeReference();
        if (_hasGuest) CommandStep.MakeContext(reference);
        return reference;
    }

    private void Reset(IReadOnlyList<Step> prefix)
    {
        _clock = 0;
        _storage.Span(0, (int)_storage.Length).Clear();
        _table.Dispose();
        _table = MakeTable(); // marks and optimizations stand beside the storage
        _cores = Rules.MakeCores();
        if (_hasGuest) CommandStep.MakeContext(_table);
        foreach (Step step in prefix)
        {
            step.Execute(_table, _cores);
        }
    }

    private unsafe nuint Origin() => (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_storage.Span(0, 8)));

    private bool[] HotWords()
    {
        bool[] words = new bool[_storage.Length / sizeof(ulong)];
        foreach (ulong page in Pages.AsSpan(0, 3))
        {
            Assert.True(_rules.Table.TryGetEntryAddress(PhysicalAddress.Create(page), out PhysicalAddress entry));
            ulong word = (entry - _rules.Table.Base) / sizeof(ulong);
            words[word] = true;
            words[word + 1] = true;
        }

        return words;
    }

    /// <summary>Everything that the explanation depends on: most schedules do the same in the end.</summary>
    private UInt128 Fingerprint(List<Call> calls)
    {
        UInt128 print = 0;
        foreach (Call call in calls)
        {
            Mix(ref print, (ulong)call.Start << 32 | (ulong)call.End);
            RmpResult result = call.Outcome.Result;
            Mix(
                ref print,
                (ulong)result.Status | (ulong)result.Fault << 8 | (result.IsContention ? 0x1_0000UL : 0)
                    | (call.Outcome.IsOwned ? 0x2_0000UL : 0));
            RmpLookup lookup = call.Outcome.Lookup;
            Mix(ref print, lookup.Entry.Low);
            Mix(ref print, lookup.Entry.High);
            Mix(ref print, call.Outcome.Answer ^ (ulong)call.Outcome.VmRun << 60 ^ (call.Outcome.IsContention ? 1UL << 59 : 0));
            Mix(
                ref print,
                call.Outcome.Guest.ExitInfo1.Value ^ (ulong)call.Outcome.Guest.Status << 32 ^ (ulong)call.Outcome.Guest.Fault << 40
                    ^ (call.Outcome.Guest.IsContention
                        ? 1UL << 48
                        : 0) ^ (call.Outcome.Guest.CarryFlag ? 1UL << 49 : 0));
            Mix(ref print, (ulong)lookup.Size | (lookup.IsAssigned ? 0x100UL : 0) | (lookup.IsSettled ? 0x200UL : 0));
        }

        foreach (ulong page in Pages)
        {
            RmpEntry entry = _table.Region(default)[(int)(page / 0x1000)];
            Mix(ref print, entry.Low);
            Mix(ref print, entry.High);
        }

        for (uint asid = 0; asid < 4; asid++)
        {
            Mix(ref print, _table.AssignedPages(asid));
        }

        return print;
    }

    private static void Mix(ref UInt128 print, ulong value)
    {
        print = (print ^ value) * new UInt128(0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9);
        print ^= print >> 61;
    }
}
