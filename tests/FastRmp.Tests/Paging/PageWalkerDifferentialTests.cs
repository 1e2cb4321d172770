using System;
using System.Collections.Generic;
using FastRmp.Paging;
using FastRmp.Reference;
using Xunit;

namespace FastRmp.Tests.Paging;

/// <summary>Random walks through random and damaged tables against the reference walker.</summary>
public sealed class PageWalkerDifferentialTests
{
    private const int Worlds = 60;
    private const int WalksInEach = 1000;

    private readonly long[] _outcomes = new long[8];
    private long _keyFaults;
    private long _shadowStacks;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_walks_end_as_the_reference_walk_does(int seed)
    {
        Random random = new(seed);
        for (int world = 0; world < Worlds; world++)
        {
            RandomPaging paging = new(random);
            ReferenceWalker reference = new(paging.Setup.Reference, paging.Memory.Read);
            for (int i = 0; i < WalksInEach; i++)
            {
                ulong va = paging.AnyAddress();
                if (random.Next(8) == 0) paging.Mutate(va);
                ReferenceAccess access = new(va, AnyKind(random), random.Next(2) == 0, random.Next(6) == 0);
                CompareTranslation(paging, reference, access);
                CompareAccess(paging, reference, access, random.Next(4) == 0 ? (uint)random.Next() : 0);
            }
        }

        // The comparison is worth nothing if the worlds are all of one kind.
        foreach (WalkStatus status in new[]
        {
            WalkStatus.Mapped, WalkStatus.NotPresent, WalkStatus.MalformedEntry, WalkStatus.RightsViolation, WalkStatus.RmpViolation,
            WalkStatus.NonCanonical, WalkStatus.OutsideMemory,
        })
        {
            Assert.True(_outcomes[(int)status] > 200, $"{status}: {_outcomes[(int)status]}");
        }

        Assert.True(_keyFaults > 200, $"{_keyFaults} forbidden by keys");
        Assert.True(_shadowStacks > 50, $"{_shadowStacks} shadow stacks found");
        Assert.True(_outcomes[(int)WalkStatus.Mapped] > Worlds * WalksInEach / 4, $"{_outcomes[(int)WalkStatus.Mapped]} mapped");
    }

    private static ReferenceAccessKind AnyKind(Random random) => random.Next(4) switch
    {
        0 => random.Next(2) == 0 ? ReferenceAccessKind.ShadowStackRead : ReferenceAccessKind.ShadowStackWrite,
        _ => (ReferenceAccessKind)random.Next(3),
    };

    private void CompareTranslation(RandomPaging paging, ReferenceWalker reference, ReferenceAccess access)
    {
        ReferenceWalkResult expected = reference.Walk(access);
        WalkView view = new(paging.Memory);
        NoCheck check = default;
        WalkTrace trace = default;
        WalkResult result = PageWalker.Trace(
            ref view, paging.State, new VirtualAddress(access.Address), paging.Setup.Access(access), ref check, ref trace);
        Compare(expected, result);
        bool isShadowStack = result.IsMapped && paging.Setup.ShadowStacks
            && access.Kind is ReferenceAccessKind.ShadowStackRead or ReferenceAccessKind.ShadowStackWrite;
        if (isShadowStack) _shadowStacks++;
        Assert.Equal(result, PageWalker.Translate(ref view, paging.State, new VirtualAddress(access.Address), paging.Setup.Access(access)));
        Assert.Equal(expected.Entries.Count, trace.Count);
        for (int i = 0; i < trace.Count; i++)
        {
            Assert.True(
                expected.Entries[i].Address == trace.Steps[i].Address.Value && expected.Entries[i].Value == trace.Steps[i].Entry.Value);
        }
    }

    // Entries of some pages, chosen by the bits of a number, may not be written.
    private void CompareAccess(RandomPaging paging, ReferenceWalker reference, ReferenceAccess access, uint refused)
    {
        ReferenceWalkResult expected = reference.Walk(access, setAccessedDirty: true, entry => MayWrite(entry, refused));
        WalkMemory memory = paging.Memory;
        WalkView view = new(memory);
        List<(ulong Entry, bool Writes)> asked = [];
        RecordingCheck check = new(asked, (entry, writes) => !writes || MayWrite(entry, refused), static _ => true);
        memory.Writes.Clear();
        WalkResult result = PageWalker.Access(
            ref view, paging.State, new VirtualAddress(access.Address), paging.Setup.Access(access), ref check);
        Compare(expected, result);
        Assert.Equal(expected.Writes.Count, memory.Writes.Count);
        for (int i = 0; i < memory.Writes.Count; i++)
        {
            Assert.Equal(expected.Writes[i], memory.Writes[i]);
        }

        Undo(memory, expected);
    }

    private void Compare(ReferenceWalkResult expected, WalkResult result)
    {
        Assert.Equal(WalkComparison.Expected(expected), result);
        _outcomes[(int)result.Status]++;
        if ((result.ErrorCode & 0x20) != 0) _keyFaults++;
    }

    private static bool MayWrite(ulong entry, uint refused) => ((refused >> (int)((entry >> 12) & 31)) & 1) == 0;

    // Puts the marks back, so that later walks have something to set. An entry written twice was read twice: its first value counts.
    private static void Undo(WalkMemory memory, ReferenceWalkResult expected)
    {
        for (int i = expected.Entries.Count - 1; i >= 0; i--)
        {
            memory[expected.Entries[i].Address] = expected.Entries[i].Value;
        }
    }
}
