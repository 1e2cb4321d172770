using System;
using System.IO;

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
}
