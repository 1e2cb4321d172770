using System;
using System.Buffers;
using System.Collections.Generic;
using System.Text;

namespace FastRmp.Images;

/// <summary>Numbers task names by their bytes in order of appearance; a name seen before costs no allocation.</summary>
internal sealed class TaskTable
{
    private const int FirstBuckets = 64;

    private readonly List<string> _names = [];
    private readonly List<(int Hash, int Start, int Length)> _entries = [];
    private readonly ArrayBufferWriter<byte> _bytes = new();

    // Index of an entry plus one; 0 is free. A power of two, at most half full.
    private int[] _buckets = new int[FirstBuckets];
    private byte[] _lastName = [];
    private int _lastLength;
    private int _last = -1;

    internal List<string> Names => _names;

    /// <summary>The number of a name.</summary>
    internal int GetOrAdd(ReadOnlySpan<byte> name)
    {
        // Tasks come in long runs.
        if (_last >= 0 && name.SequenceEqual(_lastName.AsSpan(0, _lastLength))) return _last;
        HashCode code = default;
        code.AddBytes(name);
        int hash = code.ToHashCode();
        int slot = hash & (_buckets.Length - 1);
        while (_buckets[slot] != 0)
        {
            int entry = _buckets[slot] - 1;
            if (_entries[entry].Hash == hash && IsEntry(entry, name)) return Remember(entry, name);
            slot = (slot + 1) & (_buckets.Length - 1);
        }

        return Remember(Add(name, hash, slot), name);
    }

    private int Remember(int entry, ReadOnlySpan<byte> name)
    {
        if (name.Length > _lastName.Length) _lastName = new byte[Math.Max(64, name.Length)];
        name.CopyTo(_lastName);
        _lastLength = name.Length;
        return _last = entry;
    }

    private bool IsEntry(int entry, ReadOnlySpan<byte> name)
    {
        (_, int start, int length) = _entries[entry];
        return name.SequenceEqual(_bytes.WrittenSpan.Slice(start, length));
    }

    private int Add(ReadOnlySpan<byte> name, int hash, int slot)
    {
        int entry = _entries.Count;
        _entries.Add((hash, _bytes.WrittenCount, name.Length));
        name.CopyTo(_bytes.GetSpan(Math.Max(1, name.Length)));
        _bytes.Advance(name.Length);
        _names.Add(Encoding.UTF8.GetString(name));
        _buckets[slot] = entry + 1;
        if (_entries.Count * 2 > _buckets.Length) Grow();
        return entry;
    }

    private void Grow()
    {
        int[] buckets = new int[_buckets.Length * 2];
        for (int entry = 0; entry < _entries.Count; entry++)
        {
            int slot = _entries[entry].Hash & (buckets.Length - 1);
            while (buckets[slot] != 0)
            {
                slot = (slot + 1) & (buckets.Length - 1);
            }

            buckets[slot] = entry + 1;
        }

        _buckets = buckets;
    }
}
