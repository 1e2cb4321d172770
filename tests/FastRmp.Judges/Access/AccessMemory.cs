using System;

namespace FastRmp.Judges.Access;

/// <summary>
/// The memory of a row: zero but for the entries on the way to its address, whose tables stand where <c>cr3</c> and the entries' bits
/// [35:12] put them.
/// </summary>
internal readonly struct AccessMemory : IMutablePhysicalMemory
{
    private const ulong NextTable = 0x0000_000F_FFFF_F000UL; // also where an entry is not present, or has a reserved bit above
    private const ulong Nowhere = ulong.MaxValue;
    private const int Levels = 5;
    private const int HighestAbsent = 2; // a page of 1 GiB has no PDE

    private static readonly string[] Columns = ["", "pte", "pde", "pdpte", "pml4e", "pml5e"];

    private readonly ulong[] _addresses = new ulong[Levels + 1];
    private readonly ulong[] _entries = new ulong[Levels + 1];

    internal AccessMemory(Rows rows, VirtualAddress address, int levels)
    {
        Array.Fill(_addresses, Nowhere);
        ulong table = rows.Hex("cr3") & NextTable;
        bool isBelowLeaf = false;
        for (int level = levels; level >= 1; level--)
        {
            if (!rows.Has(Columns[level]) && level <= HighestAbsent)
            {
                isBelowLeaf = true;
                continue;
            }

            if (isBelowLeaf) throw rows.BadValue(Columns[level]);
            _addresses[level] = table + ((ulong)address.GetIndex((PagingLevel)level) * PagingEntry.SizeInBytes);
            _entries[level] = rows.Hex(Columns[level]);
            table = _entries[level] & NextTable;
        }
    }

    /// <summary>The entry of a level as it is now.</summary>
    internal ulong this[PagingLevel level] => _entries[(int)level];

    public bool TryRead(PhysicalAddress address, out ulong value)
    {
        int level = Array.IndexOf(_addresses, address.Value);
        value = level < 0 ? 0 : _entries[level];
        return true;
    }

    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        int level = Array.IndexOf(_addresses, address.Value);
        prior = level < 0 ? 0 : _entries[level];
        if (level >= 0 && prior == comparand) _entries[level] = value;
        return true;
    }
}
