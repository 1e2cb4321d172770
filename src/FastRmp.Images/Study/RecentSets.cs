using System;
using System.Numerics;

namespace FastRmp.Images.Study;

/// <summary>The keys that were used last, as a set-associative TLB keeps them: of each set the least recently used one goes
/// first.</summary>
internal sealed class RecentSets
{
    private readonly ulong[] _keys; // and 1: 0 is none
    private readonly int _ways;
    private readonly int _sets;
    private readonly ulong _mask;

    /// <summary>Makes an empty one.</summary>
    /// <param name="sets">How many sets.</param>
    /// <param name="ways">Most keys of a set.</param>
    internal RecentSets(int sets, int ways)
    {
        (_sets, _ways) = (sets, ways);
        _mask = BitOperations.IsPow2(sets) ? (ulong)sets - 1 : 0;
        _keys = new ulong[sets * ways];
    }

    /// <summary>Makes a key the most recent one of its set.</summary>
    /// <param name="key">Any but the highest number.</param>
    /// <returns>Whether it was there.</returns>
    internal bool Touch(ulong key)
    {
        ulong set = _mask != 0 ? key & _mask : key % (ulong)_sets; // the usual TLB has a power of two of sets
        ulong moved = ++key;
        foreach (ref ulong place in _keys.AsSpan((int)set * _ways, _ways))
        {
            (moved, place) = (place, moved);
            if (moved == key) return true;
        }

        return false;
    }
}
