using System;
using System.CommandLine.Parsing;
using System.Globalization;

namespace FastRmp.Cli.Shell;

/// <summary>Numbers in options: addresses are hexadecimal with or without <c>0x</c>, counts decimal or with <c>0x</c>, sizes the same with
/// an optional unit.</summary>
internal static class Numbers
{
    private const string Units = "KMGT";
    private const int UnitShift = 10;

    /// <summary>Parses an address, or adds an error.</summary>
    internal static ulong? Address(ArgumentResult result)
    {
        return TryAddress(result, result.Tokens[0].Value, out ulong value) ? value : null;
    }

    /// <summary>Parses one address of several, or adds an error.</summary>
    internal static bool TryAddress(ArgumentResult result, string text, out ulong value)
    {
        if (TryHexadecimal(text, out value)) return true;
        RefuseAddress(result, text);
        return false;
    }

    /// <summary>Adds the error that a text is not an address.</summary>
    internal static void RefuseAddress(ArgumentResult result, string text) =>
        result.AddError($"{Name(result)}: '{text}' is not a hexadecimal number of at most 64 bits");

    /// <summary>Parses all values of an argument as addresses, or adds an error.</summary>
    internal static ulong[]? Addresses(ArgumentResult result)
    {
        ulong[] values = new ulong[result.Tokens.Count];
        for (int i = 0; i < values.Length; i++)
        {
            if (!TryAddress(result, result.Tokens[i].Value, out values[i])) return null;
        }

        return values;
    }

    /// <summary>Parses a count, or adds an error.</summary>
    internal static int? Count(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        bool parsed = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? TryHexadecimal(text, out ulong value)
            : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (parsed && value <= int.MaxValue) return (int)value;
        result.AddError($"{Name(result)}: '{text}' is not a number from 0 to {int.MaxValue}, decimal or hexadecimal with 0x");
        return null;
    }

    /// <summary>Parses a size in bytes, decimal or with <c>0x</c>, and with K, M, G or T after it in units of 1024, or adds an
    /// error.</summary>
    internal static ulong? Size(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        int unit = text.Length == 0 ? -1 : Units.IndexOf(text[^1], StringComparison.OrdinalIgnoreCase);
        int shift = UnitShift * (unit + 1);
        ReadOnlySpan<char> digits = unit < 0 ? text : text.AsSpan(0, text.Length - 1);
        bool parsed = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? TryHexadecimal(digits, out ulong value)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        if (parsed && value <= (ulong.MaxValue >> shift)) return value << shift;
        result.AddError(
            $"{Name(result)}: '{text}' is not a size of at most 64 bits: bytes, decimal or hexadecimal with 0x, or a number of K, M, G or T");
        return null;
    }

    private static string Name(ArgumentResult result) => (result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name;

    /// <summary>Parses a number of at most 64 bits, with or without <c>0x</c>.</summary>
    internal static bool TryHexadecimal(ReadOnlySpan<char> text, out ulong value)
    {
        ReadOnlySpan<char> digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        return ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
