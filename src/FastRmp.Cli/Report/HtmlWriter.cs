using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace FastRmp.Cli.Report;

/// <summary>Writes elements, so that all text is escaped and all that is opened is closed. What it writes is HTML and XML.</summary>
internal sealed class HtmlWriter
{
    private const char Replacement = '\uFFFD';

    private static readonly HashSet<string> Inline = ["a", "b", "code", "em", "span", "td", "th", "title", "dt"];

    private readonly StringBuilder _text = new();
    private readonly Stack<string> _open = new();

    /// <summary>Opens an element.</summary>
    internal HtmlWriter Open(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(element, attributes);
        _text.Append('>');
        _open.Push(element);
        return this;
    }

    /// <summary>Closes the element that was opened last.</summary>
    internal HtmlWriter Close()
    {
        string element = _open.Pop();
        _text.Append(CultureInfo.InvariantCulture, $"</{element}>");
        if (!Inline.Contains(element)) _text.Append('\n');
        return this;
    }

    /// <summary>An element that holds nothing: one of HTML's void ones, or one of SVG's.</summary>
    internal HtmlWriter Empty(string element, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        Begin(element, attributes);
        _text.Append(" />");
        return this;
    }

    /// <summary>An element that holds text.</summary>
    internal HtmlWriter Element(string element, string text, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Open(element, attributes).Text(text).Close();

    /// <summary>Text. What no document may hold, and what turns the direction of reading, is replaced.</summary>
    internal HtmlWriter Text(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            char one = text[i];
            if (char.IsHighSurrogate(one) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                _text.Append(one).Append(text[++i]);
                continue;
            }

            _ = one switch
            {
                '&' => _text.Append("&amp;"),
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '"' => _text.Append("&quot;"),
                '\'' => _text.Append("&#39;"),
                _ => _text.Append(IsWritable(one) ? one : Replacement),
            };
        }

        return this;
    }

    /// <summary>Text of this program's own, as it is: a style sheet, a script, the type of the document.</summary>
    internal HtmlWriter Verbatim(string own)
    {
        _text.Append(own);
        return this;
    }

    /// <summary>The document.</summary>
    /// <exception cref="InvalidOperationException">An element is open.</exception>
    public override string ToString() =>
        _open.Count == 0 ? _text.ToString() : throw new InvalidOperationException($"<{_open.Peek()}> is open.");

    private static bool IsWritable(char one) =>
        one == '\n' || CharUnicodeInfo.GetUnicodeCategory(one) is not (
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private void Begin(string element, ReadOnlySpan<(string Name, string Value)> attributes)
    {
        _text.Append(CultureInfo.InvariantCulture, $"<{element}");
        foreach ((string name, string value) in attributes)
        {
            _text.Append(CultureInfo.InvariantCulture, $" {name}=\"");
            Text(value);
            _text.Append('"');
        }
    }
}
