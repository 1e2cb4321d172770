using System;

namespace FastRmp.Reference;

/// <summary>Shell patterns over names: *, ?, [a-z], [!a-z]; case-sensitive, the whole name.</summary>
public static class ReferenceGlob
{
    /// <summary>Whether a name matches a pattern.</summary>
    /// <param name="pattern">The pattern; a bracket that is not closed stands for itself.</param>
    /// <param name="name">The name.</param>
    /// <returns>Whether it matches.</returns>
    public static bool Matches(string pattern, string name)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(name);
        if (pattern.Length == 0) return name.Length == 0;

        if (pattern[0] == '*')
        {
            for (int skipped = 0; skipped <= name.Length; skipped++)
            {
                if (Matches(pattern[1..], name[skipped..])) return true;
            }

            return false;
        }

        if (name.Length == 0) return false;
        if (pattern[0] == '?') return Matches(pattern[1..], name[1..]);

        // The first character of a set may be the closing bracket itself.
        bool inverted = pattern.Length > 1 && pattern[1] is '!' or '^';
        int firstOfSet = inverted ? 2 : 1;
        int close = pattern[0] == '[' && pattern.Length > firstOfSet + 1 ? pattern.IndexOf(']', firstOfSet + 1) : -1;
        if (close >= 0)
        {
            bool inSet = SetContains(pattern[firstOfSet..close], name[0]);
            return inSet != inverted && Matches(pattern[(close + 1)..], name[1..]);
        }

        return pattern[0] == name[0] && Matches(pattern[1..], name[1..]);
    }

    private static bool SetContains(string set, char wanted)
    {
        int i = 0;
        while (i < set.Length)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            char last = isRange ? set[i + 2] : set[i];
            if (wanted >= set[i] && wanted <= last) return true;
            i += isRange ? 3 : 1;
        }

        return false;
    }
}
