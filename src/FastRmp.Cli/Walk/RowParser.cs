using System;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace FastRmp.Cli.Walk;

/// <summary>Reads rows, one at a time, and holds the values of the last one. Nothing is allocated for a valid row.</summary>
internal sealed class RowParser(RowLayout layout)
{
    private const int NarrowestWidth = 36;
    private const int WidestWidth = 52;

    private readonly RowCell[] _cells = new RowCell[RowLayout.Known];

    /// <summary>What is wrong with the row read last.</summary>
    internal string Problem { get; private set; } = string.Empty;

    /// <summary>What the access does.</summary>
    internal AccessKind Kind { get; private set; }

    /// <summary>A value of the row.</summary>
    internal RowCell this[RowColumn column] => _cells[(int)column];

    /// <summary>Whether a column of zeros and ones has a one.</summary>
    internal bool IsSet(RowColumn column) => _cells[(int)column].Value != 0;

    /// <summary>Whether the row's tables have five levels.</summary>
    internal bool IsFiveLevel => this[RowColumn.Levels].Value == (int)PagingLevel.PageMapLevel5;

    /// <summary>Reads a row.</summary>
    /// <returns>False, and <see cref="Problem"/>, if a value is missing or bad.</returns>
    internal bool TryRead(ReadOnlySpan<byte> line)
    {
        int position = 0;
        foreach (Range range in line.Split((byte)'\t'))
        {
            if (position == layout.Count)
            {
                return Bad(string.Create(CultureInfo.InvariantCulture, $"more than the {layout.Count} columns of the header"));
            }

            if (layout.TryGet(position++, out RowColumn column) && !TryRead(column, line[range])) return false;
        }

        if (position != layout.Count)
        {
            return Bad(string.Create(CultureInfo.InvariantCulture, $"{position} columns, the header has {layout.Count}"));
        }

        if (this[RowColumn.Pte].Applies && !this[RowColumn.Pde].Applies) return Bad("pde: is '-' above a pte");
        return !IsFiveLevel || this[RowColumn.Pml5e].Applies || Bad("pml5e: is '-' with five levels");
    }

    private bool TryRead(RowColumn column, ReadOnlySpan<byte> text)
    {
        if (text is [(byte)'-'])
        {
            bool mayBeAbsent = column is RowColumn.Pml5e or RowColumn.Pde or RowColumn.Pte or RowColumn.Err or RowColumn.Pa
                or RowColumn.PteAfter or RowColumn.PdeAfter;
            _cells[(int)column] = RowCell.None;
            return mayBeAbsent || BadValue(column, text);
        }

        if (column == RowColumn.Kind) return TryReadKind(text);
        ulong value;
        int consumed;
        bool isDecimal = column is RowColumn.Id or RowColumn.Levels or RowColumn.MaxPhyAddr;
        bool parsed = isDecimal
            ? Utf8Parser.TryParse(text, out value, out consumed)
            : Utf8Parser.TryParse(text, out value, out consumed, 'x');
        if (!parsed || consumed != text.Length || !IsPossible(column, value)) return BadValue(column, text);
        _cells[(int)column] = RowCell.Of(value);
        return true;
    }

    private static bool IsPossible(RowColumn column, ulong value) => column switch
    {
        RowColumn.Levels => value is 4 or 5,
        RowColumn.MaxPhyAddr => value is >= NarrowestWidth and <= WidestWidth,
        RowColumn.Cr3 or RowColumn.Pa => value <= PhysicalAddress.ValidMask,
        RowColumn.Pkru or RowColumn.Err => value <= uint.MaxValue,
        RowColumn.Wp or RowColumn.Nxe or RowColumn.Smep or RowColumn.Smap or RowColumn.Pke or RowColumn.User or RowColumn.Twice
            or RowColumn.Fault =>
            value <= 1,
        _ => true,
    };

    private bool TryReadKind(ReadOnlySpan<byte> text)
    {
        Kind = text switch
        {
            [(byte)'w'] => AccessKind.Write,
            [(byte)'x'] => AccessKind.Fetch,
            _ => AccessKind.Read,
        };
        return text is [(byte)'r' or (byte)'w' or (byte)'x'] || BadValue(RowColumn.Kind, text);
    }

    private bool BadValue(RowColumn column, ReadOnlySpan<byte> text)
    {
        const int Longest = 40;
        string shown = Encoding.UTF8.GetString(text[..Math.Min(text.Length, Longest)]);
        return Bad($"{RowLayout.Name(column)}: '{shown}' is not a value of this column");
    }

    private bool Bad(string problem)
    {
        Problem = problem;
        return false;
    }
}
