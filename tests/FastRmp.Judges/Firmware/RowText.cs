using System;
using System.Globalization;

namespace FastRmp.Judges.Firmware;

/// <summary>A line of a rows file, field by field.</summary>
/// <param name="file">The file's name.</param>
/// <param name="number">The line's number, from 1.</param>
/// <param name="line">The line.</param>
internal ref struct RowText(string file, int number, ReadOnlySpan<char> line)
{
    private ReadOnlySpan<char> _rest = line;

    /// <summary>The next field.</summary>
    internal bool TryNext(out ReadOnlySpan<char> field)
    {
        _rest = _rest.TrimStart(' ');
        int end = _rest.IndexOf(' ');
        field = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[end..];
        return field.Length != 0;
    }

    internal ReadOnlySpan<char> Next(string what)
    {
        if (!TryNext(out ReadOnlySpan<char> field)) throw Malformed($"{what} is missing");
        return field;
    }

    /// <summary>The next field as a hexadecimal number.</summary>
    internal ulong Number(string what) => Number(what, Next(what));

    internal readonly ulong Number(string what, ReadOnlySpan<char> text) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value)
            ? value
            : throw Malformed($"{what} is '{text}', no hexadecimal number");

    /// <summary>The remaining fields as numbers with names; a field without <c>=</c> is skipped, as an unknown one is.</summary>
    internal NamedNumbers NamedNumbers()
    {
        NamedNumbers keys = new();
        while (TryNext(out ReadOnlySpan<char> field))
        {
            int equals = field.IndexOf('=');
            if (equals > 0) keys.Add(field[..equals].ToString(), Number(field[..equals].ToString(), field[(equals + 1)..]));
        }

        return keys;
    }

    internal readonly FormatException Malformed(string reason) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{file}, line {number}: {reason}."));
}
