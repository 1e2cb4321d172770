using System;
using System.Globalization;
using System.Text;
using CommunityToolkit.HighPerformance.Buffers;

namespace FastRmp.Cli.Shell;

/// <summary>Puts rows together as UTF-8 in one pooled buffer and hands it to standard output when it is full. A row costs no
/// allocation.</summary>
internal sealed class RowWriter(Session session) : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int LongestRow = 1024;

    private readonly MemoryOwner<byte> _buffer = MemoryOwner<byte>.Allocate(BufferBytes);
    private int _used;

    /// <summary>Sixteen hexadecimal digits.</summary>
    internal void Hex16(ulong value) => HexText.Write16(value, Take(16));

    /// <summary>Room for the next bytes of the row, all of which the caller fills.</summary>
    internal Span<byte> Take(int length)
    {
        Span<byte> room = _buffer.Span.Slice(_used, length);
        _used += length;
        return room;
    }

    /// <summary><c>0x</c> and as many digits as needed.</summary>
    internal void Hex(ulong value)
    {
        Text("0x");
        HexDigits(value);
    }

    /// <summary>As many hexadecimal digits as needed.</summary>
    internal void HexDigits(ulong value)
    {
        value.TryFormat(_buffer.Span[_used..], out int written, "x", CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>Two hexadecimal digits.</summary>
    internal void Hex2(byte value)
    {
        value.TryFormat(_buffer.Span[_used..], out int written, "x2", CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>A decimal number.</summary>
    internal void Decimal(ulong value)
    {
        value.TryFormat(_buffer.Span[_used..], out int written, default, CultureInfo.InvariantCulture);
        _used += written;
    }

    /// <summary>A short text: a heading, a separator, a flag.</summary>
    internal void Text(ReadOnlySpan<char> text)
    {
        _used += Encoding.UTF8.GetBytes(text, _buffer.Span[_used..]);
    }

    /// <summary>A short text in UTF-8.</summary>
    internal void Text(ReadOnlySpan<byte> text) => text.CopyTo(Take(text.Length));

    /// <summary>One character of ASCII.</summary>
    internal void Char(char character) => _buffer.Span[_used++] = (byte)character;

    /// <summary>A text of any length.</summary>
    internal void LongText(ReadOnlySpan<char> text)
    {
        Flush();
        session.Output.Write(text);
    }

    /// <summary>Ends a row.</summary>
    internal void EndRow()
    {
        if (_used > BufferBytes - LongestRow) Flush();
    }

    /// <summary>Hands over what is there; the place where an interrupt is noticed.</summary>
    internal void Flush()
    {
        session.Output.WriteUtf8(_buffer.Span[.._used]);
        _used = 0;
        session.Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Gives the buffer back. What was not flushed is lost.</summary>
    public void Dispose() => _buffer.Dispose();
}
