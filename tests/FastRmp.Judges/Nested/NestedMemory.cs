using System.Collections.Generic;

namespace FastRmp.Judges.Nested;

/// <summary>The memory of a row: two gigabytes, zero but for the entries listed.</summary>
internal struct NestedMemory : IMutablePhysicalMemory
{
    private const ulong End = 0x8000_0000UL;

    private readonly Dictionary<ulong, ulong> _words = [];

    public NestedMemory()
    {
    }

    /// <summary>How many writes went elsewhere.</summary>
    internal int Written { get; private set; }

    internal readonly ulong this[ulong address]
    {
        get => _words.GetValueOrDefault(address);
        set => _words[address] = value;
    }

    internal void Clear()
    {
        _words.Clear();
        Written = 0;
    }

    public readonly bool TryRead(PhysicalAddress address, out ulong value)
    {
        value = this[address.Value];
        return address.Value < End;
    }

    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        if (!TryRead(address, out prior)) return false;
        if (prior != comparand) return true;
        if (!_words.ContainsKey(address.Value)) Written++;
        _words[address.Value] = value;
        return true;
    }
}
