using System;
using System.IO;
using FastRmp.Firmware;

namespace FastRmp.Judges.Firmware;

/// <summary>Reads files of rows of the firmware's commands, as their README says. Unknown lines and keys are skipped.</summary>
internal sealed class FirmwareRows : IDisposable
{
    /// <summary>The rows' machine has two core complexes.</summary>
    internal const ushort AllCoreComplexes = 3;

    private readonly string _file;
    private readonly StreamReader _reader;
    private int _line;

    internal FirmwareRows(string path)
    {
        _file = Path.GetFileName(path);
        _reader = RowFile.Open(path);
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>Reads the next row.</summary>
    /// <param name="row">A command's row, or null.</param>
    /// <param name="state">A row of page states, or null.</param>
    /// <returns>False at the end.</returns>
    /// <exception cref="FormatException">A line is none.</exception>
    internal bool TryRead(out CommandRow? row, out StateRow? state)
    {
        row = null;
        state = null;
        while (_reader.ReadLine() is { } line)
        {
            RowText text = new(_file, ++_line, line);
            if (!text.TryNext(out ReadOnlySpan<char> kind)) continue;
            if (kind is "Q" && row is null)
            {
                state = State(ref text);
                return true;
            }

            if (kind is "R")
            {
                if (row is not null) throw text.Malformed("a row begins inside a row");
                row = new CommandRow
                {
                    Number = text.Next("the row's number").ToString(),
                    Command = text.Next("the command").ToString(),
                    Parameters = text.NamedNumbers(),
                };
                continue;
            }

            if (row is null) continue;
            if (kind is ".")
            {
                return row.Status is not null ? true : throw text.Malformed("the row has no status");
            }

            Line(kind, ref text, row);
        }

        return row is null ? false : throw new RowText(_file, _line, default).Malformed("the last row has no end");
    }

    private static StateRow State(ref RowText text)
    {
        string number = text.Next("the row's number").ToString();
        RmpEntry entry = new(text.Number("the low quadword"), text.Number("the high quadword"));
        return new StateRow(number, entry, text.Number("the state"), text.TryNext(out ReadOnlySpan<char> name) ? name.ToString() : "");
    }

    private static void Line(ReadOnlySpan<char> kind, ref RowText text, CommandRow row)
    {
        switch (kind)
        {
            case "X":
                while (text.TryNext(out ReadOnlySpan<char> tag)) row.Tags.Add(tag.ToString());
                break;
            case "M":
                row.Dram.Add(Inclusive(ref text));
                break;
            case "T":
                bool isAseg = text.Next("TSEG or ASEG") is "ASEG";
                PhysicalRange range = Inclusive(ref text);
                if (isAseg) row.IsAsegEnabled = true;
                else row.Tseg = range;
                break;
            case "L":
                row.Listed.Add(
                    new PageRangeEntry(text.Number("the base"), (uint)text.Number("the pages"), (uint)text.Number("the reserved field")));
                break;
            case "I":
                _ = text.Next("the buffer's name");
                row.IommuBuffers.Add(Exclusive(ref text));
                break;
            case "B":
                row.Configuration = text.NamedNumbers();
                break;
            case "S":
                row.Status = (ushort)text.Number("the status");
                row.StatusName = text.TryNext(out ReadOnlySpan<char> name) ? name.ToString() : "";
                break;
            case "P" or "E" or "C" or "A" or "G" or "D":
                RowStates.Line(kind[0], ref text, row.Before);
                break;
            case "p" or "e" or "c" or "a" or "g" or "d":
                RowStates.Line(char.ToUpperInvariant(kind[0]), ref text, row.After);
                break;
            default:
                break; // of a later format
        }
    }

    private static PhysicalRange Inclusive(ref RowText text)
    {
        ulong start = text.Number("the start");
        ulong end = text.Number("the end");
        if (end < start) throw text.Malformed("the range is none");
        return Range(start, end);
    }

    /// <summary>A buffer; registers may have an end below the start, which is not a page.</summary>
    private static PhysicalRange Exclusive(ref RowText text)
    {
        ulong start = text.Number("the start");
        ulong end = text.Number("the end");
        return end > start
            ? Range(start, end - 1)
            : new PhysicalRange(PhysicalAddress.Create(Math.Min(start, PhysicalAddress.ValidMask)), 0);
    }

    /// <summary>
    /// From a first byte to a last one. What is above all addresses, where no entry and no memory can be, counts as the highest one.
    /// </summary>
    private static PhysicalRange Range(ulong first, ulong last)
    {
        first = Math.Min(first, PhysicalAddress.ValidMask);
        return new PhysicalRange(PhysicalAddress.Create(first), Math.Min(last, PhysicalAddress.ValidMask) - first + 1);
    }
}
