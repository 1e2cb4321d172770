using System;
using System.Globalization;

namespace FastRmp.Judges.Nested;

/// <summary>
/// A paging-structure entry of a row: where it stands, what it is before and after the access, and which bits of the latter are not
/// compared.
/// </summary>
internal readonly record struct NestedEntry(string Role, ulong Address, ulong Before, ulong After, ulong Ignored)
{
    private const int RoleLength = 3;

    /// <summary>Reads <c>KLF@address:before</c>, with <c>&gt;after</c> and <c>~bits</c> where the row has them.</summary>
    internal static bool TryParse(ReadOnlySpan<char> text, out NestedEntry entry)
    {
        entry = default;
        int at = text.IndexOf('@');
        int colon = text.IndexOf(':');
        if (at != RoleLength || colon < at || !IsRole(text[..at])) return false;
        ReadOnlySpan<char> values = text[(colon + 1)..];
        ulong ignored = 0;
        int tilde = values.IndexOf('~');
        if (tilde >= 0 && !TryHex(values[(tilde + 1)..], out ignored)) return false;
        if (tilde >= 0) values = values[..tilde];
        int arrow = values.IndexOf('>');
        if (!TryHex(text[(at + 1)..colon], out ulong address) || !TryHex(arrow < 0 ? values : values[..arrow], out ulong before))
        {
            return false;
        }

        ulong after = before;
        if (arrow >= 0 && !TryHex(values[(arrow + 1)..], out after)) return false;
        entry = new NestedEntry(text[..at].ToString(), address, before, after, ignored);
        return true;
    }

    private static bool IsRole(ReadOnlySpan<char> role) =>
        role[0] is 'G' or 'N' && role[1] is >= '1' and <= '5' && role[2] is 'l' or 't' or 'c';

    private static bool TryHex(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
