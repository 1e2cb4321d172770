using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using FastRmp.Images.Tests.Support;
using Xunit;

namespace FastRmp.Images.Tests.Text;

/// <summary>Blocks of lines have the lines that <see cref="LineReader"/> gives out one by one.</summary>
public sealed class LineBlocksTests
{
    private const int SmallBlock = 16;

    [Fact]
    public void Blocks_have_the_lines_of_the_text_wherever_a_block_ends()
    {
        Random random = new(14);
        for (int round = 0; round < 3000; round++)
        {
            byte[] text = new byte[random.Next(1, 120)];
            for (int i = 0; i < text.Length; i++)
            {
                text[i] = "\n\r\0a"u8[random.Next(4) == 0 ? random.Next(4) : 3];
            }

            int step = random.Next(1, 20);
            Assert.Equal(ByLine(new ChunkedStream(text, step)), ByBlock(new ChunkedStream(text, step), SmallBlock));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(LineReader.MaxLineBytes)]
    public void Lines_longer_than_the_limit_are_cut_alike(int beyond)
    {
        byte[] line = Encoding.ASCII.GetBytes(new string('x', LineReader.MaxLineBytes + beyond));
        foreach (byte[] end in (byte[][])[[], [(byte)'\n'], [.. "\r\n"u8], [.. "\nlast"u8], [.. "\n\nlast\n"u8]])
        {
            byte[] text = [.. "first\n"u8, .. line, .. end];
            Assert.Equal(ByLine(new MemoryStream(text)), ByBlock(new MemoryStream(text), LineBlocks.BlockBytes));
        }
    }

    [Fact]
    public void An_input_that_cannot_be_read_on_ends_after_its_last_whole_line()
    {
        byte[] text = [.. "first and long enough\nsecond line\r\n\nand a last one without its end"u8];
        const int Head = 20; // an input's first bytes are read when it is opened
        for (int length = Head; length <= text.Length; length++)
        {
            Assert.Equal(
                ByLine(new ChunkedStream(text[..length], 7, breaks: true)),
                ByBlock(new ChunkedStream(text[..length], 7, breaks: true), SmallBlock));
        }
    }

    private static List<string> ByLine(Stream stream)
    {
        List<string> lines = [];
        using InputStream input = new(stream, "x");
        using LineReader reader = new(input);
        try
        {
            while (reader.TryRead(out ReadOnlySpan<byte> line))
            {
                lines.Add($"{reader.IsTooLong} {Encoding.Latin1.GetString(line)}");
            }
        }
        catch (IOException failure)
        {
            lines.Add(failure.Message);
        }

        lines.Add($"{reader.BytesRead} bytes");
        return lines;
    }

    private static List<string> ByBlock(Stream stream, int blockBytes)
    {
        List<string> lines = [];
        using InputStream input = new(stream, "x");
        LineBlocks reader = new(input);
        using LineBlock block = new(blockBytes);
        bool isFailed = false;
        while (reader.TryRead(block))
        {
            ReadOnlySpan<byte> bytes = block.Bytes;
            Assert.False(isFailed);
            while (!bytes.IsEmpty)
            {
                int end = bytes.IndexOf((byte)'\n');
                ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
                bytes = end < 0 ? default : bytes[(end + 1)..];
                if (!block.IsTooLong && line is [.., (byte)'\r']) line = line[..^1];
                lines.Add($"{block.IsTooLong} {Encoding.Latin1.GetString(line)}");
            }

            isFailed = block.Failure is not null;
            if (isFailed) lines.Add(block.Failure!.Message);
        }

        lines.Add($"{reader.BytesRead} bytes");
        return lines;
    }
}
