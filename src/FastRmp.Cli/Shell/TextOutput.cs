using System.IO;
using System.Text;
using Spectre.Console;

namespace FastRmp.Cli.Shell;

/// <summary>A text that a console renders into. The library's own output asks the process's console, which sends escape sequences to a
/// terminal.</summary>
internal sealed class TextOutput(TextWriter writer, int width) : IAnsiConsoleOutput
{
    /// <inheritdoc/>
    public TextWriter Writer => writer;

    /// <inheritdoc/>
    public bool IsTerminal => false;

    /// <inheritdoc/>
    public int Width => width;

    /// <inheritdoc/>
    public int Height => int.MaxValue;

    /// <inheritdoc/>
    public void SetEncoding(Encoding encoding)
    {
    }
}
