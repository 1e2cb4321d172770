using System;
using System.Buffers;
using System.IO;
using System.Text;

namespace FastRmp.Cli.Shell;

/// <summary>Standard output. Its failures are told apart from those of input files.</summary>
internal sealed class Output(TextWriter writer)
{
    internal void Write(ReadOnlySpan<char> text)
    {
        try
        {
            writer.Write(text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(failure);
        }
    }

    /// <summary>Text that is UTF-8 already: past the writer's own buffer where there is a stream behind it.</summary>
    internal void WriteUtf8(ReadOnlySpan<byte> text)
    {
        if (writer is StreamWriter { Encoding: UTF8Encoding } stream)
        {
            Flush();
            Write(stream.BaseStream, text);
            return;
        }

        char[] characters = ArrayPool<char>.Shared.Rent(text.Length);
        Write(characters.AsSpan(0, Encoding.UTF8.GetChars(text, characters)));
        ArrayPool<char>.Shared.Return(characters);
    }

    internal void WriteLine(ReadOnlySpan<char> text)
    {
        Write(text);
        Write("\n");
    }

    internal void Flush()
    {
        try
        {
            writer.Flush();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(failure);
        }
    }

    private static void Write(Stream stream, ReadOnlySpan<byte> text)
    {
        try
        {
            stream.Write(text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new OutputException(failure);
        }
    }
}
