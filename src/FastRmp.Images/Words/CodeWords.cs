using System;

namespace FastRmp.Images;

/// <summary>What the bits of a code say together: the names of those that are set, and those without a known meaning.</summary>
internal static class CodeWords
{
    /// <summary>The names of the bits that are set, or <c>-</c>.</summary>
    internal static string Names(CodeField[] bits)
    {
        CodeField[] set = Array.FindAll(bits, static bit => bit.IsSet);
        return set.Length == 0 ? "-" : string.Join(' ', Array.ConvertAll(set, static bit => bit.Name));
    }

    /// <summary>The bits that no hardware writes, by their numbers.</summary>
    internal static string Unknown(ulong bits) => $"{ReservedBits.Names(bits)}: hardware does not write such a code";
}
