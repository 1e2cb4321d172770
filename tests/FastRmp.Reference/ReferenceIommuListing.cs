using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>All pages of a device's address space, and what was wrong on the way.</summary>
public sealed class ReferenceIommuListing
{
    private readonly List<ReferenceIommuMapping> _mappings = [];

    /// <summary>The pages in ascending order of IOVA.</summary>
    public IReadOnlyList<ReferenceIommuMapping> Mappings => _mappings;

    /// <summary>How many slots hold a page of several slots that are not aligned or not all alike.</summary>
    public int IrregularSlots { get; private set; }

    /// <summary>How many present entries no walk may use.</summary>
    public int MalformedEntries { get; private set; }

    /// <summary>How often a table was to be listed of which something could not be read.</summary>
    public int AbsentTables { get; private set; }

    /// <summary>The address of the first such table.</summary>
    public ulong? FirstAbsentTable { get; private set; }

    internal void Add(ReferenceIommuMapping mapping, bool regular)
    {
        _mappings.Add(mapping);
        if (!regular) IrregularSlots++;
    }

    internal void AddMalformed() => MalformedEntries++;

    internal void AddAbsent(ulong table)
    {
        AbsentTables++;
        FirstAbsentTable ??= table;
    }
}
