using System.Collections.Generic;

namespace FastRmp.Reference;

/// <summary>Which entries of a table were written since the last <see cref="Clear"/>, for whoever keeps a copy of the table.</summary>
public sealed class ReferenceWrites
{
    private readonly List<ReferenceEntry> _entries = [];

    /// <summary>Whether a whole new table was made; then only <see cref="ReferenceRmp.NonZeroEntries"/> tells what is in it.</summary>
    public bool IsWholeTable { get; private set; }

    /// <summary>The entries written, each once, as they are now. Not to be changed.</summary>
    public IReadOnlyList<ReferenceEntry> Entries => _entries;

    /// <summary>Starts over with none.</summary>
    public void Clear()
    {
        foreach (ReferenceEntry entry in _entries) entry.Forget();
        _entries.Clear();
        IsWholeTable = false;
    }

    internal void Add(ReferenceEntry entry) => _entries.Add(entry);

    internal void StartOver()
    {
        Clear();
        IsWholeTable = true;
    }
}
