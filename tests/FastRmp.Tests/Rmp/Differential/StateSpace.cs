using System;
using System.Collections.Generic;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Rmp.Differential;

/// <summary>
/// Two regions in both models that can be put into any state they have been in, and the breadth-first search over their states.
/// </summary>
internal sealed class StateSpace : IDisposable
{
    private const ulong Pages = 512;
    private const ulong OtherPage = 3;

    private readonly Runner<ContiguousGeometry> _runner;
    private readonly List<Operation> _alphabet;
    private readonly HashSet<SmallState> _seen = [];
    private readonly Queue<SmallState> _open = new();
    private SmallState _now;

    public StateSpace(ProcessorModel processor, ModelChoices choices, List<Operation> alphabet)
    {
        // The table itself is where it has no entries.
        ContiguousGeometry geometry = ContiguousGeometry.Covering(PhysicalAddress.Create(0x4000_0000), 2 * ModelPair.RegionBytes);
        ReferenceGeometry plain = new(geometry.Base.Value, geometry.End.Value);
        _runner = new Runner<ContiguousGeometry>(geometry, plain, processor, choices, enable: true);
        _alphabet = alphabet;
    }

    /// <summary>Distinct states found.</summary>
    public int States => _seen.Count;

    /// <summary>States in which every operation of the alphabet was made.</summary>
    public int Expanded { get; private set; }

    /// <summary>Operations made.</summary>
    public long Steps { get; private set; }

    /// <summary>All sequences of up to so many operations were made.</summary>
    public int Depth { get; private set; }

    public OutcomeCounts OutcomeCounts => _runner.OutcomeCounts;

    private ModelPair<ContiguousGeometry> Pair => _runner.Pair;

    public void Dispose() => _runner.Dispose();

    /// <summary>Makes every operation in every state, breadth first.</summary>
    /// <param name="limit">States to expand.</param>
    public void Explore(int limit)
    {
        Visit();
        int ofThisDepth = _open.Count;
        while (Expanded < limit && _open.TryDequeue(out SmallState state))
        {
            foreach (Operation operation in _alphabet)
            {
                Restore(state);
                try
                {
                    _runner.Run(operation);
                }
                catch (Exception failure) when (failure is not OutOfMemoryException)
                {
                    Assert.Fail($"{failure.Message}\nby {operation}\nin {state}");
                }

                Steps++;
                Visit();
            }

            Expanded++;
            if (--ofThisDepth > 0) continue;
            Depth++;
            ofThisDepth = _open.Count;
        }

        _runner.CompareAll();
    }

    private void Visit()
    {
        SmallState state = new(
            Read(0, _now.Left),
            Read(ModelPair.RegionBytes, _now.Right),
            Pair.Table.IsInUse(default),
            Pair.Table.IsInUse(PhysicalAddress.Create(ModelPair.PageBytes)),
            Pair.Cores > 0 && Pair.Opt(ExecutionState.Host, 0, 0, verify: false).CarryFlag);
        _now = state;
        if (_seen.Add(state)) _open.Enqueue(state);
    }

    private SmallRegion Read(ulong start, SmallRegion before)
    {
        ReadOnlySpan<RmpEntry> region = Pair.Table.Region(PhysicalAddress.Create(start));
        SmallRegion now = new(region[0], region[1], region[2], region[(int)OtherPage]);
        if (now.Other == before.Other) return now;

        // The sub-page that represents the others has to compare all of them.
        for (ulong page = OtherPage; page < Pages; page++)
        {
            Assert.Equal(At(now.Other, page), region[(int)page]);
        }

        return now;
    }

    /// <summary>The entry of one of the others: of the pieces of a smashed page each has an address of its own.</summary>
    private static RmpEntry At(RmpEntry other, ulong page) =>
        (other.Low & 0x0007_FFFF_FFFF_F000) == 0 ? other : new RmpEntry(other.Low + ((page - OtherPage) * ModelPair.PageBytes), other.High);

    private void Restore(in SmallState state)
    {
        if (state == _now) return;
        Restore(0, _now.Left, state.Left);
        Restore(ModelPair.RegionBytes, _now.Right, state.Right);
        if (state.IsFirstInUse != _now.IsFirstInUse) Pair.MarkInUse(0, state.IsFirstInUse);
        if (state.IsSecondInUse != _now.IsSecondInUse) Pair.MarkInUse(ModelPair.PageBytes, state.IsSecondInUse);

        // The bit is only ever set while nothing is assigned, and a poke has just cleared it, or the search goes from set to set.
        if (Pair.Cores > 0)
        {
            if (state.IsOptimized) Pair.Opt(ExecutionState.Host, 0, 0, verify: true);
            else Pair.Poke(0, state.Left.First.Low, state.Left.First.High);
        }

        _now = state;
    }

    private void Restore(ulong start, in SmallRegion now, in SmallRegion wanted)
    {
        Put(start, now.First, wanted.First);
        Put(start + ModelPair.PageBytes, now.Second, wanted.Second);
        Put(start + (2 * ModelPair.PageBytes), now.Third, wanted.Third);
        if (now.Other == wanted.Other) return;
        for (ulong page = OtherPage; page < Pages; page++)
        {
            RmpEntry entry = At(wanted.Other, page);
            Pair.Poke(start + (page * ModelPair.PageBytes), entry.Low, entry.High);
        }
    }

    private void Put(ulong page, RmpEntry now, RmpEntry wanted)
    {
        if (now != wanted) Pair.Poke(page, wanted.Low, wanted.High);
    }
}
