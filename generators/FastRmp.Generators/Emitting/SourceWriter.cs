using System.Text;

namespace FastRmp.Generators.Emitting;

/// <summary>Builds source text line by line with four-space indentation and <c>\n</c> alone.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes an empty line.</summary>
    internal void Line() => _text.Append('\n');

    /// <summary>Writes one line at the current depth.</summary>
    /// <param name="text">Text without a line break.</param>
    internal void Line(string text) => _text.Append(' ', _depth * 4).Append(text).Append('\n');

    /// <summary>Opens a block.</summary>
    internal void Open()
    {
        Line("{");
        _depth++;
    }

    /// <summary>Closes the innermost block.</summary>
    internal void Close()
    {
        _depth--;
        Line("}");
    }

    /// <summary>Writes a line that belongs to the one before it, one level deeper.</summary>
    /// <param name="text">Text without a line break.</param>
    internal void Continued(string text)
    {
        _depth++;
        Line(text);
        _depth--;
    }

    /// <summary>Writes a one-line summary.</summary>
    /// <param name="text">XML text.</param>
    internal void Summary(string text) => Line("/// <summary>" + text + "</summary>");

    /// <summary>All lines so far.</summary>
    public override string ToString() => _text.ToString();
}
