using System;
using System.IO;
using System.Text;

namespace FastRmp.Cli.Tests.Support;

/// <summary>Takes so many characters, then fails with an error number.</summary>
internal sealed class FailingWriter(long limit, int errorNumber) : TextWriter
{
    internal const int BrokenPipe = 32;
    internal const int NoSpace = 28;

    private long _written;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write([value]);

    public override void Write(ReadOnlySpan<char> buffer)
    {
        _written += buffer.Length;
        if (_written > limit) throw new IOException("the output broke", errorNumber);
    }
}
