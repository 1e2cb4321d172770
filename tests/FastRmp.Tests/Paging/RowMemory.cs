using System;

namespace FastRmp.Tests.Paging;

/// <summary>Memory that is zero except for the entries of one row.</summary>
internal readonly struct RowMemory : IMutablePhysicalMemory
{
    private const ulong NextTable = 0x0000_000F_FFFF_F000UL;

    private readonly ulong[] _addresses = new ulong[6];
    private readonly ulong[] _values = new ulong[6];

    internal RowMemory(AccessRow row)
    {
        ulong table = row.Root;
        for (int level = row.Levels; level >= row.LeafLevel; level--)
        {
            _addresses[level] = table + (8 * TableTree.Index(row.Va, level));
            _values[level] = row.Entry(level);
            table = _values[level] & NextTable;
        }
    }

    internal ulong this[int level] => _values[level];

    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        int level = Array.IndexOf(_addresses, address.Value, 1);
        value = level < 0 ? 0 : _values[level];
        return true;
    }

    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        int level = Array.IndexOf(_addresses, address.Value, 1);
        prior = level < 0 ? 0 : _values[level];
        if (level >= 0 && prior == comparand) _values[level] = value;
        return true;
    }
}
