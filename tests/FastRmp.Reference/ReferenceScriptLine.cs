using System;
using System.Collections.Generic;
using System.Globalization;

namespace FastRmp.Reference;

/// <summary>The fields of one line of a script, taken one after the other. What cannot be read raises a FormatException.</summary>
public sealed class ReferenceScriptLine
{
    private const ulong LargestAddress = (1UL << 52) - 1;

    private readonly List<string> _fields = [];
    private int _next;

    /// <summary>Splits a line at blanks and tabs; what follows a # is left out.</summary>
    /// <param name="line">The line.</param>
    public ReferenceScriptLine(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        int comment = line.IndexOf('#', StringComparison.Ordinal);
        string content = comment < 0 ? line : line[..comment];
        foreach (string field in content.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)) _fields.Add(field);
    }

    /// <summary>Whether nothing is left.</summary>
    public bool AtEnd => _next == _fields.Count;

    /// <summary>The next field as it stands.</summary>
    /// <returns>The field.</returns>
    public string Field()
    {
        if (AtEnd) throw new FormatException("a field is missing");
        return _fields[_next++];
    }

    /// <summary>The next field as a keyword.</summary>
    /// <returns>The field in lower case.</returns>
    public string Word() => Lower(Field());

    /// <summary>Takes the next field if it is a certain keyword.</summary>
    /// <param name="word">The keyword in lower case.</param>
    /// <returns>Whether it was there.</returns>
    public bool TakeWord(string word)
    {
        if (AtEnd || Lower(_fields[_next]) != word) return false;
        _next++;
        return true;
    }

    /// <summary>Whether the next field is NAME=VALUE.</summary>
    public bool IsOption => !AtEnd && _fields[_next].Contains('=', StringComparison.Ordinal);

    /// <summary>Whether the next field is a certain keyword.</summary>
    /// <param name="word">The keyword in lower case.</param>
    /// <returns>Whether it is there.</returns>
    public bool IsNext(string word) => !AtEnd && Lower(_fields[_next]) == word;

    /// <summary>Takes a field NAME=VALUE.</summary>
    /// <returns>The name in lower case, and the value as it stands.</returns>
    public (string Name, string Value) Option()
    {
        string[] parts = Field().Split('=');
        return parts.Length == 2 ? (Lower(parts[0]), parts[1]) : throw new FormatException("an option is NAME=VALUE");
    }

    /// <summary>Raises an exception if anything is left.</summary>
    public void End()
    {
        if (!AtEnd) throw new FormatException("there are too many fields");
    }

    /// <summary>The next field as a system physical address of at most 52 bits, or a guest's of that size.</summary>
    /// <returns>The address.</returns>
    public ulong Address() => ParseAddress(Field());

    /// <summary>The next field as a hexadecimal number of 64 bits.</summary>
    /// <returns>The number.</returns>
    public ulong Address64() => ParseHexadecimal(Field());

    /// <summary>The next field as a decimal number, or a hexadecimal one that begins with 0x.</summary>
    /// <param name="largest">The largest that is accepted.</param>
    /// <returns>The number.</returns>
    public ulong Number(ulong largest) => ParseNumber(Field(), largest);

    /// <summary>The next field as 0 or 1.</summary>
    /// <returns>Whether it is 1.</returns>
    public bool Flag() => Number(1) == 1;

    /// <summary>The next field as a size of a mapping.</summary>
    /// <returns>The size.</returns>
    public ReferencePageSize MappingSize() => Word() switch
    {
        "4k" => ReferencePageSize.Size4K,
        "2m" => ReferencePageSize.Size2M,
        "1g" => ReferencePageSize.Size1G,
        _ => throw new FormatException("a size is 4k, 2m or 1g"),
    };

    /// <summary>The next field as a size that the RMP knows.</summary>
    /// <returns>Whether it is 2 MiB.</returns>
    public bool IsLarge() => Word() switch
    {
        "4k" => false,
        "2m" => true,
        _ => throw new FormatException("a size is 4k or 2m"),
    };

    /// <summary>The next field as INDEX:GIB:RMPBASE.</summary>
    /// <returns>The segment.</returns>
    public ReferenceSegment Segment()
    {
        string[] parts = Field().Split(':');
        if (parts.Length != 3) throw new FormatException("a segment is INDEX:GIB:RMPBASE");
        return new ReferenceSegment(ParseNumber(parts[0]), ParseNumber(parts[1]), ParseHexadecimal(parts[2]));
    }

    /// <summary>Reads START-END, whole 4 KiB pages with the last byte as the end.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The range.</returns>
    public static ReferenceRange Range(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('-');
        if (parts.Length != 2) throw new FormatException("a range is START-END");
        ReferenceRange range = new(ParseAddress(parts[0]), ParseAddress(parts[1]));
        bool whole = range.First % 4096 == 0 && range.Last % 4096 == 4095 && range.First <= range.Last;
        return whole ? range : throw new FormatException("a range consists of whole pages");
    }

    /// <summary>A keyword as it is compared.</summary>
    /// <param name="text">The text.</param>
    /// <returns>It in lower case.</returns>
#pragma warning disable CA1308 // The keywords are in lower case in the language's description.
    public static string Lower(string text) => text?.ToLowerInvariant() ?? string.Empty;
#pragma warning restore CA1308

    /// <summary>Reads an address of at most 52 bits.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The address.</returns>
    public static ulong ParseAddress(string text)
    {
        ulong address = ParseHexadecimal(text);
        return address <= LargestAddress ? address : throw new FormatException("an address is above 52 bits");
    }

    /// <summary>Reads a hexadecimal number of 64 bits.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The number.</returns>
    public static ulong ParseHexadecimal(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
        bool known = ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number);
        return known ? number : throw new FormatException("an address is hexadecimal");
    }

    /// <summary>Reads a decimal number, or a hexadecimal one that begins with 0x.</summary>
    /// <param name="text">The text.</param>
    /// <param name="largest">The largest that is accepted.</param>
    /// <returns>The number.</returns>
    public static ulong ParseNumber(string text, ulong largest)
    {
        ArgumentNullException.ThrowIfNull(text);
        ulong number = ParseNumber(text);
        return number <= largest ? number : throw new FormatException("a number is too large");
    }

    private static ulong ParseNumber(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return ParseHexadecimal(text);
        bool known = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
        return known ? number : throw new FormatException("a number is decimal unless it begins with 0x");
    }
}
