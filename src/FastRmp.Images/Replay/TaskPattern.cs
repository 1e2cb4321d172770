using System;

namespace FastRmp.Images;

/// <summary>A shell pattern for whole task names: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c> or <c>[^a-z]</c>;
/// case-sensitive.</summary>
/// <remarks>As in the shell, a bracket that is never closed stands for itself, and a closing bracket that comes first in a set is a member
/// of it. A backslash is an ordinary character. Every text is a pattern.</remarks>
internal static class TaskPattern
{
    /// <summary>Whether a name matches a pattern, whole.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="name">The name.</param>
    /// <returns>Whether it matches.</returns>
    /// <remarks>O(pattern × name) at worst: only the last <c>*</c> is ever tried again. Allocates nothing.</remarks>
    internal static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int position = 0;
        int next = 0;
        int star = -1;
        int starName = 0;
        while (next < name.Length)
        {
            if (position < pattern.Length && pattern[position] == '*')
            {
                star = ++position;
                starName = next;
            }
            else if (position < pattern.Length && MatchesOne(pattern, ref position, name[next]))
            {
                next++;
            }
            else if (star >= 0)
            {
                position = star;
                next = ++starName;
            }
            else
            {
                return false;
            }
        }

        return !pattern[position..].ContainsAnyExcept('*');
    }

    /// <summary>Matches one character with the pattern's next element and steps over that.</summary>
    private static bool MatchesOne(ReadOnlySpan<char> pattern, ref int position, char wanted)
    {
        char element = pattern[position];
        int first = position + 1;
        position = first;
        if (element == '?') return true;
        if (element != '[') return element == wanted;
        bool isNegated = first < pattern.Length && pattern[first] is '!' or '^';
        if (isNegated) first++;

        // The first character of a set is a member even if it is the closing bracket.
        int close = first + 1 < pattern.Length ? pattern[(first + 1)..].IndexOf(']') : -1;
        if (close < 0) return wanted == '[';
        position = first + 1 + close + 1;
        return IsMember(pattern[first..(position - 1)], wanted) != isNegated;
    }

    private static bool IsMember(ReadOnlySpan<char> set, char wanted)
    {
        for (int i = 0; i < set.Length; i++)
        {
            char low = set[i];
            char high = low;
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                i += 2;
                high = set[i];
            }

            if (wanted >= low && wanted <= high) return true;
        }

        return false;
    }
}
