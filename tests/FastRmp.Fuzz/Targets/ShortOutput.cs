using System.Globalization;
using System.IO;

namespace FastRmp.Fuzz.Targets;

/// <summary>An output that breaks after a while, as a pipe into <c>head</c> does: tables can map more than anyone would print.</summary>
internal sealed class ShortOutput() : StringWriter(CultureInfo.InvariantCulture)
{
    private const int MostCharacters = 1 << 18;

    public override void Write(char value)
    {
        Require();
        base.Write(value);
    }

    public override void Write(char[] buffer, int index, int count)
    {
        Require();
        base.Write(buffer, index, count);
    }

    public override void Write(System.ReadOnlySpan<char> buffer)
    {
        Require();
        base.Write(buffer);
    }

    public override void Write(string? value)
    {
        Require();
        base.Write(value);
    }

    private void Require()
    {
        if (GetStringBuilder().Length > MostCharacters) throw new IOException("nobody reads on");
    }
}
