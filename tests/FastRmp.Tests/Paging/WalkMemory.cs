using System;
using System.Collections.Generic;
using FastRmp.Reference;

namespace FastRmp.Tests.Paging;

/// <summary>A few pages of physical memory for walks; it notes every quadword that a walker changes, in order.</summary>
internal sealed class WalkMemory
{
    private readonly ulong[] _words;

    internal WalkMemory(ulong start, int pages)
    {
        Start = start;
        _words = new ulong[pages * 512];
    }

    internal ulong Start { get; }

    internal ulong End => Start + ((ulong)_words.Length * 8);

    internal Span<ulong> Words => _words;

    /// <summary>What compare-exchanges changed, in order.</summary>
    internal List<ReferenceTableEntry> Writes { get; } = [];

    /// <summary>How many compare-exchanges there were, lost ones included.</summary>
    internal int Exchanges { get; private set; }

    /// <summary>Runs before each compare-exchange with its address: another writer.</summary>
    internal Action<ulong>? Racer { get; set; }

    internal ulong this[ulong address]
    {
        get => _words[(address - Start) / 8];
        set => _words[(address - Start) / 8] = value;
    }

    internal bool Holds(ulong address) => address >= Start && address < End;

    internal ulong? Read(ulong address) => Holds(address) ? this[address] : null;

    internal ulong Exchange(ulong address, ulong value, ulong comparand)
    {
        Exchanges++;
        Racer?.Invoke(address);
        ulong prior = this[address];
        if (prior == comparand)
        {
            this[address] = value;
            Writes.Add(new ReferenceTableEntry(address, value));
        }

        return prior;
    }
}
