using System;
using System.Collections.Generic;
using System.Text;

namespace FastRmp.Generators.Tests.Support;

/// <summary>
/// A source in which <c>{|FRMP009:text|}</c> marks where a diagnostic is expected; several ids are joined by commas.
/// </summary>
internal static class Markup
{
    /// <summary>Takes the marks out and lists them as <c>id text@position</c>.</summary>
    internal static (string Source, List<string> Expected) Parse(string marked)
    {
        StringBuilder source = new();
        List<string> expected = [];
        Stack<(string Ids, int Start)> open = new();
        for (int index = 0; index < marked.Length; index++)
        {
            if (marked.AsSpan(index).StartsWith("{|", StringComparison.Ordinal))
            {
                int colon = marked.IndexOf(':', index);
                open.Push((marked[(index + 2)..colon], source.Length));
                index = colon;
            }
            else if (marked.AsSpan(index).StartsWith("|}", StringComparison.Ordinal))
            {
                (string ids, int start) = open.Pop();
                foreach (string id in ids.Split(','))
                {
                    expected.Add(Entry(id, start, source.ToString(start, source.Length - start)));
                }

                index++;
            }
            else
            {
                source.Append(marked[index]);
            }
        }

        expected.Sort(StringComparer.Ordinal);
        return (source.ToString(), expected);
    }

    internal static string Entry(string id, int start, string text) => FormattableString.Invariant($"{id} '{text}' at {start}");
}
