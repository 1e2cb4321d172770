using System;
using System.Collections.Generic;
using System.Globalization;
using FastRmp.Cli.Shell;

namespace FastRmp.Cli.Decode;

/// <summary>An RMP entry printed as a list of its fields: <c>assigned=1 immutable=0 pagesize=0 gpa=0x7fffffffff asid=1 vmsa=1
/// validated=1</c>, as early kernels, RMPREAD's users and this tool do.</summary>
internal sealed class RmpFieldList
{
    private const string Separators = "()[]<>{},;:=";
    private const int PageShift = 12;
    private const ulong PageOffset = (1UL << PageShift) - 1;
    private const ulong GpaLimit = RmpEntry.GpaMask + (1UL << PageShift);

    private readonly HashSet<string> _seen = [];
    private RmpEntry _entry;
    private string? _wrong;
    private string? _gpa;

    /// <summary>Whether a line is such a list: it names Assigned, with a value.</summary>
    internal static bool IsList(string line)
    {
        string[] words = PrintedText.Words(line, Separators);
        int at = Array.FindIndex(words, static word => word.Equals("assigned", StringComparison.OrdinalIgnoreCase));
        return at >= 0 && at + 1 < words.Length && words.Length > 2 && ParseBoolean(words[at + 1]) is not null;
    }

    /// <summary>Takes the fields in.</summary>
    /// <param name="line">A line that <see cref="IsList"/> finds to be one.</param>
    /// <param name="refusal">Receives what is wrong with a value; the first error stays.</param>
    internal static PrintedRmpEntry? Parse(string line, ref string? refusal)
    {
        RmpFieldList list = new();
        string[] words = PrintedText.Words(line, Separators);
        for (int i = 0; i + 1 < words.Length; i++)
        {
            list.Take(Name(words[i]), words[i + 1]);
        }

        if (list._gpa is not null) list.Gpa(list._gpa, line.Contains("RMPEntry", StringComparison.OrdinalIgnoreCase));
        refusal ??= list._wrong;
        if (list._wrong is not null) return null;
        string missing = list.Missing();
        string note = missing.Length == 0 ? "printed as fields" : $"printed as fields; fields that the line lacks count as 0: {missing}";
        return new PrintedRmpEntry(list._entry, list._seen.Contains("vmpl"), note + list.GpaNote);
    }

    private string GpaNote { get; set; } = string.Empty;

    private static string Name(string word) => word.ToUpperInvariant().Replace("_", string.Empty, StringComparison.Ordinal) switch
    {
        "PAGESIZE" or "SIZE" => "page_size",
        "SUBPAGECOUNT" or "SUBPAGES" => "subpage_count",
        "LOCK" or "LOCKED" => "lock",
        "ASSIGNED" => "assigned",
        "IMMUTABLE" => "immutable",
        "VALIDATED" => "validated",
        "VMSA" => "vmsa",
        "ASID" => "asid",
        "GPA" => "gpa",
        "VMPL0" => "vmpl0",
        "VMPL1" => "vmpl1",
        "VMPL2" => "vmpl2",
        "VMPL3" => "vmpl3",
        _ => string.Empty,
    };

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "assigned" when Bit(name, value) is { } assigned: _entry = _entry with { Assigned = assigned }; break;
            case "immutable" when Bit(name, value) is { } immutable: _entry = _entry with { Immutable = immutable }; break;
            case "validated" when Bit(name, value) is { } validated: _entry = _entry with { Validated = validated }; break;
            case "vmsa" when Bit(name, value) is { } vmsa: _entry = _entry with { Vmsa = vmsa }; break;
            case "lock" when Bit(name, value) is { } isLocked: _entry = _entry with { Lock = isLocked }; break;
            case "page_size" when Size(value) is { } size: _entry = _entry with { PageSize = size }; break;
            case "asid" when Number(name, value, RmpEntry.LockAsid) is { } asid: _entry = _entry with { Asid = (ushort)asid }; break;
            case "subpage_count" when Number(name, value, 511) is { } count: _entry = _entry with { SubpageCount = (ushort)count }; break;
            case "vmpl0" or "vmpl1" or "vmpl2" or "vmpl3" when Mask(name, value) is { } mask:
                _entry =
                _entry.WithPermissionsOf(name[^1] - '0', mask); break;
            case "gpa": _gpa = value; _seen.Add(name); break;
            default: break;
        }
    }

    private bool? Bit(string name, string value)
    {
        _seen.Add(name);
        if (ParseBoolean(value) is { } isSet) return isSet;
        _wrong ??= $"{name}: '{value}' is neither 0 nor 1";
        return null;
    }

    private PageSize? Size(string value)
    {
        _seen.Add("page_size");
        switch (value.ToUpperInvariant())
        {
            case "0" or "0X0" or "4K" or "4KB" or "4KIB": return PageSize.Size4K;
            case "1" or "0X1" or "2M" or "2MB" or "2MIB": return PageSize.Size2M;
            default:
                _wrong ??= $"page_size: '{value}' is neither 0 (4K) nor 1 (2M)";
                return null;
        }
    }

    /// <summary>Counts are decimal, or hexadecimal with 0x.</summary>
    private ulong? Number(string name, string value, ulong most)
    {
        _seen.Add(name);
        bool isNumber = value.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? Numbers.TryHexadecimal(value, out ulong number)
            : ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        if (isNumber && number <= most) return number;
        _wrong ??= string.Create(CultureInfo.InvariantCulture, $"{name}: '{value}' is not a number from 0 to {most}");
        return null;
    }

    private VmplPermissions? Mask(string name, string value)
    {
        // "vmpl0" may have another meaning in a line
        if (!Numbers.TryHexadecimal(value, out ulong mask) || mask > byte.MaxValue) return null;
        _seen.Add("vmpl");
        _seen.Add(name);
        return (VmplPermissions)mask;
    }

    /// <summary>The early kernels print the field, a page number; RMPREAD gives an address.</summary>
    private void Gpa(string value, bool isPageNumber)
    {
        if (!Numbers.TryHexadecimal(value, out ulong number))
        {
            _wrong ??= $"gpa: '{value}' is not a hexadecimal number of at most 64 bits";
            return;
        }

        isPageNumber |= (number & PageOffset) != 0;
        if (number >= (isPageNumber ? GpaLimit >> PageShift : GpaLimit))
        {
            _wrong ??= string.Create(CultureInfo.InvariantCulture, $"gpa: 0x{number:x} is more than the field holds");
            return;
        }

        ulong address = isPageNumber ? number << PageShift : number;
        _entry = _entry with { Gpa = GuestPhysicalAddress.Truncate(address) };
        if (number != 0)
        {
            GpaNote = string.Create(
                CultureInfo.InvariantCulture,
                $"; gpa 0x{number:x} is taken for {(isPageNumber ? "a page number, as the entry's field is" : "an address")}");
        }
    }

    private string Missing()
    {
        List<string> missing = [];
        foreach (string name in (string[])["page_size", "immutable", "subpage_count", "gpa", "asid", "vmsa", "validated", "lock"])
        {
            if (!_seen.Contains(name)) missing.Add(name);
        }

        if (!_seen.Contains("vmpl")) missing.Add("the high quadword");
        return string.Join(", ", missing);
    }

    private static bool? ParseBoolean(string value) => value.ToUpperInvariant() switch
    {
        "0" or "0X0" or "FALSE" or "NO" => false,
        "1" or "0X1" or "TRUE" or "YES" => true,
        _ => null,
    };
}
