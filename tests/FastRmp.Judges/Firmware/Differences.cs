using System.Text;

namespace FastRmp.Judges.Firmware;

/// <summary>What differs in a row; the first few are kept.</summary>
internal sealed class Differences
{
    private const int Shown = 8;

    private readonly StringBuilder _text = new();
    private int _count;

    internal string Text => _count > Shown ? $"{_text}\nand {_count - Shown} more" : _text.ToString();

    internal void Add(string what, string expected, string model)
    {
        if (_count++ >= Shown) return;
        if (_text.Length != 0) _text.Append('\n');
        _text.Append(what).Append(": expected ").Append(expected).Append(", model ").Append(model);
    }
}
