using System.Runtime.CompilerServices;

namespace FastRmp.Cli.Walk;

/// <summary>The memory of one row: zero but for the entries on the way to its address.</summary>
internal struct RowTables : IMutablePhysicalMemory
{
    // Rows keep all tables below this, also those that an entry with reserved bits leads to.
    private const ulong TableAddress = 0x0000_000F_FFFF_F000UL;
    private const ulong Nowhere = ulong.MaxValue;
    private const int Levels = 5;

    private Words _addresses;
    private Words _entries;

    internal RowTables(RowParser row)
    {
        VirtualAddress address = new(row[RowColumn.Va].Value);
        ulong table = row[RowColumn.Cr3].Value & TableAddress;
        for (PagingLevel level = PagingLevel.PageMapLevel5; level >= PagingLevel.PageTable; level--)
        {
            RowCell entry = Entry(row, level);
            bool isThere = entry.Applies && (level != PagingLevel.PageMapLevel5 || row.IsFiveLevel);
            _addresses[(int)level] = isThere ? table + ((ulong)address.GetIndex(level) * PagingEntry.SizeInBytes) : Nowhere;
            _entries[(int)level] = entry.Value;
            if (isThere) table = entry.Value & TableAddress;
        }
    }

    /// <summary>The entry of a level as it is now.</summary>
    internal readonly ulong this[PagingLevel level] => _entries[(int)level];

    public readonly bool TryRead(PhysicalAddress address, out ulong value)
    {
        int level = Find(address);
        value = level == 0 ? 0 : _entries[level];
        return true;
    }

    public bool TryCompareExchange(PhysicalAddress address, ulong value, ulong comparand, out ulong prior)
    {
        int level = Find(address);
        prior = level == 0 ? 0 : _entries[level];
        if (level != 0 && prior == comparand) _entries[level] = value;
        return true;
    }

    private readonly int Find(PhysicalAddress address)
    {
        int level = Levels;
        while (level != 0 && _addresses[level] != address.Value)
        {
            level--;
        }

        return level;
    }

    private static RowCell Entry(RowParser row, PagingLevel level) => level switch
    {
        PagingLevel.PageMapLevel5 => row[RowColumn.Pml5e],
        PagingLevel.PageMapLevel4 => row[RowColumn.Pml4e],
        PagingLevel.PageDirectoryPointer => row[RowColumn.Pdpte],
        PagingLevel.PageDirectory => row[RowColumn.Pde],
        _ => row[RowColumn.Pte],
    };

    [InlineArray(Levels + 1)]
    private struct Words
    {
        private ulong _first;
    }
}
