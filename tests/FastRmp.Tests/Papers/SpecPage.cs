using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace FastRmp.Tests.Papers;

/// <summary>The numbered sections of a page in docs/spec.</summary>
internal sealed partial class SpecPage
{
    private readonly Dictionary<string, List<string>> _sections = [];

    /// <summary>Reads a page.</summary>
    /// <param name="name">Its name without extension.</param>
    public SpecPage(string name)
    {
        string current = string.Empty;
        foreach (string line in Repository.Text($"docs/spec/{name}.md").Split('\n'))
        {
            Match heading = Heading().Match(line);
            if (heading.Success)
            {
                current = heading.Groups["number"].Value;
                _sections.Add(current, []);
            }
            else if (current.Length != 0)
            {
                _sections[current].Add(line);
            }
        }
    }

    public int Count => _sections.Count;

    /// <summary>Whether there is such a section, or such an item of a section's list.</summary>
    /// <param name="number">The number, for instance 4.3, or 11.4 for item 4 of a list in section 11.</param>
    public bool Has(string number)
    {
        if (_sections.ContainsKey(number)) return true;
        int dot = number.LastIndexOf('.');
        return dot > 0 && HasStep(number[..dot], number[(dot + 1)..]);
    }

    /// <summary>Whether a section has a step: an item of a list, a row of a table or a line of code that begins with it.</summary>
    /// <param name="number">The section.</param>
    /// <param name="step">The step, for instance 5a.</param>
    public bool HasStep(string number, string step)
    {
        if (!_sections.TryGetValue(number, out List<string>? lines)) return false;
        Regex begin = new($@"^\s*(\|\s*)?{Regex.Escape(step)}(\.| )", RegexOptions.CultureInvariant);
        return lines.Exists(begin.IsMatch);
    }

    [GeneratedRegex(@"^#{2,3} (?<number>\d+(\.\d+)?)\.? ")]
    private static partial Regex Heading();
}
