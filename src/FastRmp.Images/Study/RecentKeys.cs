using System;
using System.Numerics;

namespace FastRmp.Images.Study;

/// <summary>The keys that were used last, as a fully associative TLB keeps them: the least recently used one goes first.</summary>
/// <remarks>A list in the order of use, and a hash table to find a key in it: the same time for each use, whatever the capacity.</remarks>
internal sealed class RecentKeys
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;
    private const int SlotsOfKey = 4; // mostly empty, so that a key is found at once

    private readonly ulong[] _keys;
    private readonly ushort[] _older; // of the oldest: the newest
    private readonly ushort[] _newer;
    private readonly ushort[] _table; // places in the list, and 1; 0 is empty
    private readonly int _shift;
    private int _count;
    private int _newest;

    /// <summary>Makes an empty one.</summary>
    /// <param name="capacity">Most keys, 1 to 16384.</param>
    internal RecentKeys(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 14);
        _keys = new ulong[capacity];
        _older = new ushort[capacity];
        _newer = new ushort[capacity];
        int bits = BitOperations.Log2((uint)capacity * SlotsOfKey) + 1;
        _table = new ushort[1 << bits];
        _shift = 64 - bits;
    }

    /// <summary>Makes a key the most recent one.</summary>
    /// <returns>Whether it was there.</returns>
    internal bool Touch(ulong key)
    {
        if (_count != 0 && _keys[_newest] == key) return true;
        int slot = Slot(key);
        bool isThere = _table[slot] != 0;
        if (isThere) Renew(_table[slot] - 1);
        else Insert(key, slot);
        return isThere;
    }

    // Where the key is, or the empty slot where it would be.
    private int Slot(ulong key)
    {
        int slot = Home(key);
        while (_table[slot] != 0 && _keys[_table[slot] - 1] != key)
        {
            slot = (slot + 1) & (_table.Length - 1);
        }

        return slot;
    }

    private int Home(ulong key) => (int)(unchecked(key * Golden) >> _shift);

    private void Renew(int place)
    {
        int oldest = _newer[_newest];
        if (place != oldest)
        {
            (int older, int newer) = (_older[place], _newer[place]);
            _older[newer] = (ushort)older;
            _newer[older] = (ushort)newer;
            Link(place);
        }

        _newest = place; // the list is a ring
    }

    private void Insert(ulong key, int slot)
    {
        int place = _count;
        if (_count < _keys.Length)
        {
            if (_count++ == 0) (_older[0], _newer[0]) = (0, 0);
            else Link(place);
        }
        else
        {
            place = _newer[_newest]; // the oldest
            Remove(Slot(_keys[place]));
            slot = Slot(key); // what moved up may have left an earlier one
        }

        _keys[place] = key;
        _table[slot] = (ushort)(place + 1);
        _newest = place;
    }

    // Between the newest and the oldest.
    private void Link(int place)
    {
        int oldest = _newer[_newest];
        (_older[place], _newer[place]) = ((ushort)_newest, (ushort)oldest);
        _newer[_newest] = (ushort)place;
        _older[oldest] = (ushort)place;
    }

    // Keys behind a slot move up, as far as they may, so that they are found without it.
    private void Remove(int slot)
    {
        int mask = _table.Length - 1;
        for (int next = (slot + 1) & mask; _table[next] != 0; next = (next + 1) & mask)
        {
            int home = Home(_keys[_table[next] - 1]);
            if (((next - home) & mask) < ((next - slot) & mask)) continue;
            _table[slot] = _table[next];
            slot = next;
        }

        _table[slot] = 0;
    }
}
