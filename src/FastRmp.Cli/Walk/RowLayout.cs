using System;
using System.Collections.Generic;
using System.Text;

namespace FastRmp.Cli.Walk;

/// <summary>Which column of a file holds what: the order is the header's, by name.</summary>
internal sealed class RowLayout
{
    private const int Unknown = -1;

    private static readonly string[] Names =
    [
        "id", "levels", "maxphyaddr", "cr3", "wp", "nxe", "smep", "smap", "pke", "pkru", "va", "user", "kind", "twice", "pml5e", "pml4e",
        "pdpte", "pde", "pte",
        "fault", "err", "pa", "pte_after", "pde_after", "pde_ignore",
    ];

    private readonly bool[] _has = new bool[Names.Length];
    private readonly int[] _columns;

    private RowLayout(int[] columns)
    {
        _columns = columns;
        foreach (int column in columns)
        {
            if (column != Unknown) _has[column] = true;
        }
    }

    /// <summary>How many columns there are to know.</summary>
    internal static int Known => Names.Length;

    /// <summary>How many columns the file has.</summary>
    internal int Count => _columns.Length;

    /// <summary>The name of a column.</summary>
    internal static string Name(RowColumn column) => Names[(int)column];

    /// <summary>Whether the file has a column.</summary>
    internal bool Has(RowColumn column) => _has[(int)column];

    /// <summary>The column at a position; false if the tool does not use it.</summary>
    internal bool TryGet(int position, out RowColumn column)
    {
        column = (RowColumn)_columns[position];
        return _columns[position] != Unknown;
    }

    /// <summary>Reads the header.</summary>
    /// <returns>Null, and why, if a column is missing or there twice.</returns>
    internal static RowLayout? Parse(ReadOnlySpan<byte> line, out string problem)
    {
        List<int> columns = [];
        foreach (Range range in line.Split((byte)'\t'))
        {
            string name = Encoding.UTF8.GetString(line[range]);
            int column = Array.IndexOf(Names, name);
            if (column != Unknown && columns.Contains(column))
            {
                problem = $"the header names the column '{name}' twice";
                return null;
            }

            columns.Add(column);
        }

        RowLayout layout = new([.. columns]);
        for (RowColumn column = 0; column <= RowColumn.Pte; column++)
        {
            if (layout.Has(column)) continue;
            problem = $"the first line is not a header with all columns that are needed: '{Name(column)}' is missing";
            return null;
        }

        problem = string.Empty;
        return layout;
    }
}
