using System;

namespace FastRmp.Images;

/// <summary>The time of a trace's line: the first column that is seconds, a point and a fraction, and is followed by a colon (ftrace,
/// trace-cmd, perf) or stands before a bar (function_graph with the option <c>funcgraph-abstime</c>).</summary>
internal static class LineTime
{
    private const int FractionDigits = 9;

    /// <summary>How many bytes are looked at: a task, its columns and its time, with room for a long name.</summary>
    internal const int LongestHeader = 160;

    /// <summary>Reads it.</summary>
    /// <param name="line">The line.</param>
    /// <param name="nanoseconds">The time, to the nanosecond; later digits do not count.</param>
    internal static bool TryParse(ReadOnlySpan<byte> line, out ulong nanoseconds)
    {
        nanoseconds = 0;
        ReadOnlySpan<byte> header = line.Length > LongestHeader ? line[..LongestHeader] : line;
        int bar = header.IndexOf((byte)'|');
        if (bar > 0 && TryColumn(header[..bar].Trim((byte)' '), out nanoseconds)) return true;
        for (int position = 0; ;)
        {
            int colon = header[position..].IndexOf((byte)':');
            if (colon < 0) return false;
            ReadOnlySpan<byte> before = header[..(position + colon)];
            if (TryColumn(before[(before.LastIndexOf((byte)' ') + 1)..], out nanoseconds)) return true;
            position += colon + 1;
        }
    }

    private static bool TryColumn(ReadOnlySpan<byte> column, out ulong nanoseconds)
    {
        nanoseconds = 0;
        int point = column.IndexOf((byte)'.');
        if (point <= 0 || column.Length > HeaderColumns.Longest || !HeaderColumns.IsTimestamp(column)) return false;
        int digits = 0;
        foreach (byte one in column)
        {
            if (one == '.') continue;
            if (digits == point + FractionDigits) break;
            nanoseconds = unchecked((nanoseconds * 10) + (ulong)(one - '0'));
            digits++;
        }

        for (; digits < point + FractionDigits; digits++)
        {
            nanoseconds = unchecked(nanoseconds * 10);
        }

        return true;
    }
}
