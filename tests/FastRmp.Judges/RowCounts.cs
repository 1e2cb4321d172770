using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace FastRmp.Judges;

/// <summary>Counts rows that agree, and prints the first that do not.</summary>
/// <param name="output">Where the differences go, and the closing line.</param>
internal sealed class RowCounts(TextWriter output)
{
    private const int Shown = 20;

    private readonly SortedDictionary<string, int> _leftOut = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _notes = new(StringComparer.Ordinal);
    private int _equal;
    private int _different;

    internal int Compared => _equal + _different;

    internal int Different => _different;

    internal int LeftOut { get; private set; }

    /// <summary>A row on which both agree.</summary>
    internal void Equal() => _equal++;

    /// <summary>A row on which they do not; the first few are printed.</summary>
    /// <param name="row">What identifies the row.</param>
    /// <param name="difference">What differs, both sides; may have several lines.</param>
    internal void Differs(string row, string difference)
    {
        if (_different++ >= Shown) return;
        output.WriteLine($"differs: {row}");
        foreach (string line in difference.Split('\n')) output.WriteLine($"  {line}");
    }

    /// <summary>A row that is not compared.</summary>
    /// <param name="tag">Why.</param>
    internal void Omit(string tag)
    {
        LeftOut++;
        _leftOut[tag] = _leftOut.GetValueOrDefault(tag) + 1;
    }

    /// <summary>Something to be said of rows that are compared.</summary>
    /// <param name="what">What; counted.</param>
    internal void Note(string what) => _notes[what] = _notes.GetValueOrDefault(what) + 1;

    /// <summary>Prints what was noted and what was left out, and the closing line.</summary>
    /// <returns>The exit code. No row at all is a difference: a wrong folder must not look like agreement.</returns>
    internal int Report()
    {
        if (_different > Shown) output.WriteLine($"and {_different - Shown} more differ");
        foreach ((string what, int count) in _notes) output.WriteLine($"noted: {count} {what}");
        foreach ((string tag, int count) in _leftOut) output.WriteLine($"left out: {tag} {count}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_equal} of {Compared} equal, {LeftOut} left out"));
        return _different == 0 && Compared != 0 ? 0 : 1;
    }
}
