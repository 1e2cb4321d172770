using System;
using System.Numerics;

namespace FastRmp.Images.Study;

/// <summary>A data TLB of two levels and the directory entries that walks keep, for a map of leaves of one size.</summary>
/// <remarks>Least recently used goes first on all levels. The entries above a page directory's are taken to be cached.</remarks>
internal sealed class DataTlb
{
    private readonly Recent _first;
    private readonly Recent[] _second;
    private readonly Recent _directory;
    private readonly int _firstShift;
    private readonly int _secondShift;
    private readonly bool _hasDirectory;
    private readonly int _setMask;

    /// <summary>Makes empty TLBs.</summary>
    /// <param name="sizes">How many entries.</param>
    /// <param name="firstShift">log2 of the 4 KiB pages of an entry of the first level.</param>
    /// <param name="secondShift">The same of the second.</param>
    internal DataTlb(TlbSizes sizes, int firstShift, int secondShift)
    {
        _firstShift = firstShift;
        _secondShift = secondShift;
        _hasDirectory = secondShift < RegionShift;
        _first = new Recent(sizes.FirstLevel);
        _directory = new Recent(sizes.Directory);
        _second = new Recent[sizes.SecondLevel / sizes.Ways];
        _setMask = BitOperations.IsPow2(_second.Length) ? _second.Length - 1 : -1;
        for (int set = 0; set < _second.Length; set++)
        {
            _second[set] = new Recent(sizes.Ways);
        }
    }

    /// <summary>log2 of the 4 KiB pages of 2 MiB.</summary>
    internal const int RegionShift = 9;

    /// <summary>Adjacent 4 KiB pages in one entry.</summary>
    internal const int CoalescedShift = 2;

    /// <summary>An access to a page.</summary>
    /// <returns>0 for a hit in the first level, 1 for one in the second; else 1 + the entries that the walk reads.</returns>
    internal int Access(ulong frame)
    {
        if (_first.Touch(frame >> _firstShift)) return 0;
        ulong entry = frame >> _secondShift;
        if (_second[Set(entry)].Touch(entry)) return 1;
        if (!_hasDirectory || _directory.Touch(frame >> RegionShift)) return 2;
        return 3;
    }

    // The usual TLB has a power of two of sets.
    private int Set(ulong entry) =>
        (int)(_setMask >= 0 ? entry & (ulong)_setMask : entry % (ulong)_second.Length);

    /// <summary>Keys in the order of their last use.</summary>
    private sealed class Recent
    {
        private readonly ulong[] _keys;
        private int _count;

        internal Recent(int capacity) => _keys = new ulong[capacity];

        /// <summary>Makes a key the most recent one.</summary>
        /// <returns>Whether it was there.</returns>
        internal bool Touch(ulong key)
        {
            if (_count != 0 && _keys[0] == key) return true;
            int place = _keys.AsSpan(0, _count).IndexOf(key);
            bool isThere = place >= 0;
            if (!isThere) place = _count < _keys.Length ? _count++ : _count - 1;
            _keys.AsSpan(0, place).CopyTo(_keys.AsSpan(1));
            _keys[0] = key;
            return isThere;
        }
    }
}
