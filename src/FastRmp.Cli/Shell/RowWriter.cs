using System;
using System.Globalization;
using CommunityToolkit.HighPerformance.Buffers;

namespace FastRmp.Cli.Shell;

/// <summary>Puts rows together in one pooled buffer and hands it to standard output when it is full. A row costs no allocation.</summary>
internal sealed class RowWriter(Session session) : IDisposable
{
    private const int BufferChars = 64 * 1024;
    private const int LongestRow = 1024;

    private readonly MemoryOwner<char> _buffer = MemoryOwner<char>.Allocate(BufferChars);
    private int _used;

    /// <summary>Sixteen hexadecimal digits.</summary>
    internal void Hex16(ulong value)
    {
        Span<char> digits = _buffer.Span.Slice(_used, 16);
        for (int i = 15; i >= 0; i--)
        {
            uint digit = (uint)value & 0xF;
            digits[i] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
            value >>= 4;
        }

        _used += 16;
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
        text.CopyTo(_buffer.Span[_used..]);
        _used += text.Length;
    }

    /// <summary>One character.</summary>
    internal void Char(char character) => _buffer.Span[_used++] = character;

    /// <summary>A text of any length.</summary>
    internal void LongText(ReadOnlySpan<char> text)
    {
        Flush();
        session.Output.Write(text);
    }

    /// <summary>Ends a row.</summary>
    internal void EndRow()
    {
        if (_used > BufferChars - LongestRow) Flush();
    }

    /// <summary>Hands over what is there; the place where an interrupt is noticed.</summary>
    internal void Flush()
    {
        session.Output.Write(_buffer.Span[.._used]);
        _used = 0;
        session.Cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Gives the buffer back. What was not flushed is lost.</summary>
    public void Dispose() => _buffer.Dispose();
}
