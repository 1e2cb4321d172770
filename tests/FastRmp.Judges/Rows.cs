using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace FastRmp.Judges;

/// <summary>
/// A file of tab-separated rows below a line of names, one row at a time: the values of the current one are here. Columns that nobody asks
/// for are ignored.
/// </summary>
internal sealed class Rows : IDisposable
{
    private const string Absent = "-";

    private readonly string _name;
    private readonly StreamReader _reader;
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private string[] _cells = [];
    private int _line = 1;

    private Rows(string file)
    {
        _name = Path.GetFileName(file);
        _reader = RowFile.Open(file);
    }

    /// <summary>Opens a file and reads its first line.</summary>
    /// <param name="file">Plain or gzip.</param>
    /// <param name="needed">The columns without which the rows are of no use.</param>
    /// <exception cref="FormatException">The line lacks one of them.</exception>
    internal static Rows Open(string file, params ReadOnlySpan<string> needed)
    {
        Rows rows = new(file);
        try
        {
            rows.ReadHeader(needed);
            return rows;
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>False after the last one.</returns>
    /// <exception cref="FormatException">It has not as many columns as the first line.</exception>
    internal bool Next()
    {
        while (_reader.ReadLine() is { } line)
        {
            _line++;
            if (line.Length == 0) continue;
            _cells = line.Split('\t');
            return _cells.Length == _columns.Count ? true : throw Bad($"{_cells.Length} columns, the first line has {_columns.Count}");
        }

        return false;
    }

    /// <summary>The text of a column.</summary>
    internal string this[string column] => _cells[_columns[column]];

    /// <summary>Whether a column applies to the row.</summary>
    internal bool Has(string column) => this[column] != Absent;

    /// <summary>A number in hexadecimal.</summary>
    internal ulong Hex(string column) =>
        ulong.TryParse(this[column], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw BadValue(column);

    /// <summary>A number in hexadecimal; zero if the column does not apply.</summary>
    internal ulong HexOrZero(string column) => Has(column) ? Hex(column) : 0;

    /// <summary>A decimal number between two limits.</summary>
    internal int Number(string column, int least, int most) =>
        int.TryParse(this[column], NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw BadValue(column);

    /// <summary>0 or 1.</summary>
    internal bool Flag(string column) => Number(column, 0, 1) == 1;

    /// <summary>Where a word of a column stands among those that it may be.</summary>
    internal int OneOf(string column, params ReadOnlySpan<string> words)
    {
        int index = words.IndexOf(this[column]);
        return index >= 0 ? index : throw BadValue(column);
    }

    /// <summary>The tags in a column, none for <c>-</c>.</summary>
    internal string[] Tags(string column) => Has(column) ? this[column].Split(',') : [];

    /// <summary>That a value of a row is not one of its column.</summary>
    internal FormatException BadValue(string column) => Bad($"{column}: '{this[column]}' is not a value of this column");

    /// <summary>That a row is malformed.</summary>
    internal FormatException Bad(string problem) => new(string.Create(CultureInfo.InvariantCulture, $"{_name}: line {_line}: {problem}"));

    public void Dispose() => _reader.Dispose();

    private void ReadHeader(ReadOnlySpan<string> needed)
    {
        if (_reader.ReadLine() is not { } header) throw Bad("the file is empty");
        foreach (string name in header.Split('\t'))
        {
            if (!_columns.TryAdd(name, _columns.Count)) throw Bad($"the column '{name}' is there twice");
        }

        foreach (string name in needed)
        {
            if (!_columns.ContainsKey(name)) throw Bad($"the column '{name}' is missing");
        }
    }
}
