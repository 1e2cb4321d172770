using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace FastRmp.Images;

/// <summary>The numbers of a model: KEY=VALUE, separated by commas; K, M, G and T behind a number are powers of 1024.</summary>
internal sealed class ModelParameters
{
    private const string Suffixes = "KMGT";
    private const int BitsOfSuffix = 10;

    private readonly IReadOnlyList<ModelParameter> _known;
    private readonly Dictionary<string, double> _values;

    /// <summary>Takes the defaults.</summary>
    internal ModelParameters(IReadOnlyList<ModelParameter> known)
    {
        _known = known;
        _values = known.ToDictionary(static one => one.Key, static one => one.Default, StringComparer.Ordinal);
    }

    /// <summary>The value of a key that there is.</summary>
    internal double this[string key]
    {
        get => _values[key];
        set => _values[key] = value;
    }

    /// <summary>Sets what a text says.</summary>
    /// <returns>What is wrong with it; null if nothing.</returns>
    internal string? Set(string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) return $"'{assignment}' is not KEY=VALUE";
        string key = assignment[..equals];
        if (_known.FirstOrDefault(one => one.Key == key) is not { } known)
        {
            return $"'{key}' is no parameter; there are {string.Join(", ", _known.Select(static one => one.Key))}";
        }

        if (!TryNumber(assignment.AsSpan(equals + 1), out double value) || !(value >= known.Least && value <= known.Most))
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"'{assignment}' is not a number from {Text(known.Least)} to {Text(known.Most)}");
        }

        _values[key] = value;
        return null;
    }

    /// <summary>The keys with values and meanings, a line each.</summary>
    /// <param name="width">Columns of the keys.</param>
    internal string Help(int width) => string.Concat(_known.Select(one =>
        string.Create(CultureInfo.InvariantCulture, $"  {one.Key.PadRight(width)}{one.Meaning} ({Text(one.Default)})\n")));

    private static bool TryNumber(ReadOnlySpan<char> text, out double value)
    {
        int suffix = text.IsEmpty ? -1 : Suffixes.IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        if (suffix >= 0) text = text[..^1];
        if (!double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)) return false;
        for (int i = 0; i <= suffix; i++)
        {
            value *= 1 << BitsOfSuffix;
        }

        return true;
    }

    // The largest suffix that leaves a whole number.
    private static string Text(double value)
    {
        int suffix = -1;
        while (value >= 1 << BitsOfSuffix && value % (1 << BitsOfSuffix) == 0 && suffix + 1 < Suffixes.Length)
        {
            value /= 1 << BitsOfSuffix;
            suffix++;
        }

        string number = value.ToString("0.######", CultureInfo.InvariantCulture);
        return suffix < 0 ? number : number + Suffixes[suffix];
    }
}
