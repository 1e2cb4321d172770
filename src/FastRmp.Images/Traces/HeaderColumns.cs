using System;

namespace FastRmp.Images;

/// <summary>The columns before an event, taken from right to left.</summary>
internal static class HeaderColumns
{
    /// <summary>Longer columns than any kernel prints end the search, so that a hostile line costs no more than its length.</summary>
    internal const int Longest = 40;

    private const byte Space = (byte)' ';

    /// <summary>Takes the last column and the spaces before it.</summary>
    internal static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest)
    {
        ReadOnlySpan<byte> near = Near(rest);
        int length = near.Length - 1 - near.LastIndexOf(Space);
        ReadOnlySpan<byte> column = rest[^length..];
        rest = rest[..^length].TrimEnd(Space);
        return column;
    }

    /// <summary>Takes <c>[000]</c>.</summary>
    internal static bool TryTakeProcessor(ref ReadOnlySpan<byte> rest)
    {
        if (rest is not [.., (byte)']']) return false;
        ReadOnlySpan<byte> near = Near(rest);
        int open = near.LastIndexOf((byte)'[');
        if (open < 0 || !IsDigits(near[(open + 1)..^1])) return false;
        rest = rest[..^(near.Length - open)].TrimEnd(Space);
        return true;
    }

    /// <summary>The end of a text in which a column is looked for.</summary>
    internal static ReadOnlySpan<byte> Near(ReadOnlySpan<byte> rest) => rest.Length > Longest ? rest[^Longest..] : rest;

    internal static bool IsTimestamp(ReadOnlySpan<byte> text)
    {
        // Columns are short: a plain loop beats a search.
        bool hasPoint = false;
        int digits = 0;
        foreach (byte one in text)
        {
            if (one is >= (byte)'0' and <= (byte)'9')
            {
                digits++;
                continue;
            }

            if (one != '.' || hasPoint || digits == 0) return false;
            hasPoint = true;
            digits = 0;
        }

        return digits != 0;
    }

    internal static bool IsDigits(ReadOnlySpan<byte> text)
    {
        foreach (byte one in text)
        {
            if (one is < (byte)'0' or > (byte)'9') return false;
        }

        return !text.IsEmpty;
    }

    /// <summary>Splits <c>NAME-PID</c>; the name may be empty and may hold anything.</summary>
    internal static bool TryTask(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> name)
    {
        int digits = text.Length - 1 - text.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9');
        name = default;
        if (digits == 0 || digits == text.Length || text[^(digits + 1)] != '-') return false;
        name = text[..^(digits + 1)].TrimStart(Space);
        return true;
    }
}
