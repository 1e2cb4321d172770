using System;
using System.Collections.Generic;
using FastRmp.Addressing;
using FastRmp.Layouts;
using Xunit;

namespace FastRmp.Tests.Rmp;

/// <summary>One region, two pages of it, a small alphabet: every state that any sequence reaches, and every operation in each of them.</summary>
public sealed class SmallWorldTests
{
    private const ulong S = 0x1000;
    private const ulong Cold = 0x2000; // stands for the 510 pages that only 2 MiB operations touch
    private const ulong Gpa = 0x4000_0000;
    private const ulong Validated = 0x4000_0000_0000_0000;
    private const ulong LockAndImmutable = 0x8000_0000_0000_0004;

    public static TheoryData<string, string> Cases() => ChoiceCases.All();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_operation_in_every_reachable_state_does_what_the_reference_does(string preset, string choice)
    {
        using ModelPair pair = new(1, ChoiceCases.Processor(preset), ChoiceCases.Choices(choice));
        List<Action<ModelPair>> alphabet = Alphabet();
        HashSet<State> seen = [];
        Queue<RmpEntry[]> open = new();
        Visit(pair, seen, open);
        while (open.TryDequeue(out RmpEntry[]? state))
        {
            foreach (Action<ModelPair> operation in alphabet)
            {
                Restore(pair, state);
                operation(pair);
                pair.CompareEntry(0);
                pair.CompareEntry(S);
                pair.CompareEntry(Cold);
                if (pair.Raw(Cold) != state[2] || pair.Raw(0) != state[0]) pair.CompareRegion(0);
                Visit(pair, seen, open);
            }
        }

        pair.CompareAll();
        Assert.InRange(seen.Count, 500, 20_000);
    }

    private static List<Action<ModelPair>> Alphabet()
    {
        List<Action<ModelPair>> alphabet = [];
        foreach (ulong page in new ulong[] { 0, S })
        {
            // The address that a piece has after PSMASH, and another one.
            alphabet.Add(pair => pair.Update(page, Operands.Assign(Gpa + page, 1)));
            alphabet.Add(pair => pair.Update(page, Operands.Assign(Gpa + page, 2)));
            alphabet.Add(pair => pair.Update(page, Operands.Assign(Gpa + 0x20_0000, 1, immutable: true)));
            alphabet.Add(pair => pair.Update(page, Operands.Assign(0, 0)));
            alphabet.Add(pair => pair.Update(page, Operands.Release()));
            alphabet.Add(pair => Flip(pair, page, Validated, isAssigned: true));
            alphabet.Add(pair => Flip(pair, page, 0x4, isAssigned: false));
            alphabet.Add(pair => Flip(pair, page, LockAndImmutable, isAssigned: true));
        }

        alphabet.Add(pair => pair.Update(0, Operands.Assign(Gpa, 1, PageSize.Size2M)));
        alphabet.Add(pair => pair.Update(0, Operands.Assign(Gpa, 2, PageSize.Size2M)));
        alphabet.Add(pair => pair.Update(0, Operands.Assign(Gpa, 1, PageSize.Size2M, immutable: true)));
        alphabet.Add(pair => pair.Update(0, Operands.Release(PageSize.Size2M)));
        alphabet.Add(pair => pair.Smash(0));
        foreach (PageSize size in new[] { PageSize.Size4K, PageSize.Size2M, PageSize.Size1G })
        {
            alphabet.Add(pair => pair.CompareAccess(0, size, user: false));
            alphabet.Add(pair => pair.CompareAccess(S, size, user: true));
        }

        return alphabet;
    }

    /// <summary>What firmware or the guest does to the entry that holds the page's attributes.</summary>
    private static void Flip(ModelPair pair, ulong page, ulong bits, bool isAssigned)
    {
        ulong holder = (pair.Raw(0).Low & 0x2) != 0 ? 0 : page;
        RmpEntry entry = pair.Raw(holder);
        if ((entry.Low & 1) == 1 != isAssigned) return;
        ulong flipped = (entry.Low & bits) is 0 || (entry.Low & bits) == bits ? entry.Low ^ bits : entry.Low & ~bits;
        pair.Poke(holder, flipped, entry.High);
    }

    private static void Visit(ModelPair pair, HashSet<State> seen, Queue<RmpEntry[]> open)
    {
        if (seen.Add(new State(pair.Raw(0), pair.Raw(S), pair.Raw(Cold))))
        {
            pair.CompareRegion(0);
            open.Enqueue(pair.Table.Region(default).ToArray());
        }
    }

    private static void Restore(ModelPair pair, RmpEntry[] state)
    {
        ReadOnlySpan<RmpEntry> region = pair.Table.Region(default);
        for (int i = 0; i < state.Length; i++)
        {
            if (region[i] != state[i]) pair.Poke((ulong)i * 0x1000, state[i].Low, state[i].High);
        }
    }

    private readonly record struct State(RmpEntry First, RmpEntry Second, RmpEntry Cold);
}
