using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Text;

public class LineReaderTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("\n", new[] { "" })]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\n\nb", new[] { "a", "", "b" })]
    [InlineData("a\r\nb\r\n", new[] { "a", "b" })]
    [InlineData("a\rb\r\r\n\r", new[] { "a\rb\r", "" })]
    [InlineData("ab\nlonger than all before", new[] { "ab", "longer than all before" })]
    [InlineData("\0a\0\n\0", new[] { "\0a\0", "\0" })]
    public void Lines_end_as_text_files_end_them(string text, string[] expected)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (int step in new[] { 1, 2, 1000 })
        {
            using LineReader reader = new(new ChunkedStream(Encoding.Latin1.GetBytes(text), step));
            List<string> lines = [];
            while (reader.TryRead(out ReadOnlySpan<byte> line))
            {
                lines.Add(Encoding.Latin1.GetString(line));
                Assert.Equal(lines.Count, reader.LineNumber);
                Assert.False(reader.IsTooLong);
            }

            Assert.Equal(expected, lines);
            Assert.Equal(text.Length, reader.BytesRead);
        }
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(500_000, true)]
    [InlineData(5_000_000, true)]
    public void A_line_longer_than_the_limit_is_marked_and_the_next_one_is_whole(int beyond, bool tooLong)
    {
        int length = LineReader.MaxLineBytes + beyond;
        byte[] text = [.. "first\n"u8, .. Filled(length), .. "\nlast"u8];
        using LineReader reader = new(new MemoryStream(text));
        Assert.True(reader.TryRead(out _));
        Assert.True(reader.TryRead(out ReadOnlySpan<byte> line));
        Assert.Equal(Math.Min(length, LineReader.MaxLineBytes), line.Length);
        Assert.Equal(tooLong, reader.IsTooLong);
        Assert.Equal(2, reader.LineNumber);
        Assert.True(reader.TryRead(out line));
        Assert.Equal("last"u8, line);
        Assert.Equal(3, reader.LineNumber);
        Assert.False(reader.IsTooLong);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void A_line_that_is_too_long_and_never_ends_is_the_last_one()
    {
        using LineReader reader = new(new MemoryStream(Filled(3 << 20)));
        Assert.True(reader.TryRead(out _));
        Assert.True(reader.IsTooLong);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void A_stream_that_breaks_gives_out_every_complete_line_and_not_the_rest()
    {
        using LineReader reader = new(new ChunkedStream([.. "one\ntwo\nthr"u8], 5, breaks: true));
        Assert.True(reader.TryRead(out _));
        Assert.True(reader.TryRead(out ReadOnlySpan<byte> line));
        Assert.Equal("two"u8, line);
        Assert.Throws<IOException>(() => reader.TryRead(out _));
    }

    private static byte[] Filled(int length)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill((byte)'x');
        return bytes;
    }
}
